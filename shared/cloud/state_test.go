package cloud_test

import (
	"testing"

	"byoc/shared/cloud"
)

// The table of transitions, written out a second time: what is not here must
// not happen.
var allowed = map[cloud.State]map[cloud.Trigger]cloud.State{
	cloud.Draft:          {cloud.Provision: cloud.Validating},
	cloud.Validating:     {cloud.ChecksPassed: cloud.Creating, cloud.Failed: cloud.CreationFailed, cloud.Delete: cloud.Deleting},
	cloud.Creating:       {cloud.Ready: cloud.Active, cloud.Failed: cloud.CreationFailed, cloud.Delete: cloud.Deleting},
	cloud.CreationFailed: {cloud.Provision: cloud.Validating, cloud.Delete: cloud.Deleting},
	cloud.Active:         {cloud.Trouble: cloud.Disconnected, cloud.Repair: cloud.Reconnecting, cloud.Delete: cloud.Deleting},
	cloud.Disconnected:   {cloud.Healed: cloud.Reconnecting, cloud.Repair: cloud.Reconnecting, cloud.Delete: cloud.Deleting},
	cloud.Reconnecting:   {cloud.Ready: cloud.Active, cloud.Failed: cloud.Disconnected, cloud.Delete: cloud.Deleting},
	cloud.Deleting:       {cloud.Empty: cloud.Deleted, cloud.Failed: cloud.DeletionFailed},
	cloud.DeletionFailed: {cloud.Delete: cloud.Deleting},
	cloud.Deleted:        {},
}

func TestOnlyTheTransitionsOfTheTableHappen(t *testing.T) {
	triggers := []cloud.Trigger{
		cloud.Provision, cloud.ChecksPassed, cloud.Failed, cloud.Ready, cloud.Trouble,
		cloud.Healed, cloud.Repair, cloud.Delete, cloud.Empty,
	}
	for _, from := range cloud.States() {
		for _, trigger := range triggers {
			want, ok := allowed[from][trigger]
			got, gotOK := from.Next(trigger)
			if got != want || gotOK != ok {
				t.Errorf("%s on %s leads to %q (%v), want %q (%v)", from, trigger, got, gotOK, want, ok)
			}
		}
	}
}

func TestEnteringValidatingReconnectingOrDeletingStartsARun(t *testing.T) {
	for _, s := range cloud.States() {
		want := s == cloud.Validating || s == cloud.Reconnecting || s == cloud.Deleting
		if s.StartsRun() != want {
			t.Errorf("%s starts a run: %v", s, s.StartsRun())
		}
	}
}

func TestEveryRunningStateNamesItsRun(t *testing.T) {
	for _, s := range cloud.States() {
		c := cloud.Cloud{ID: "6f1f9b1e-7f7c-4b7a-9c62-0f6f2d8f2a11", OrganizationID: "org1", State: s, Attempt: 3}
		run, ok := c.Run()
		if ok != s.Running() {
			t.Errorf("%s: run %v, running %v", s, ok, s.Running())
		}
		if ok && len(run.Name()) > 80 {
			t.Errorf("%s: Step Functions takes names of 80 characters, not %q", s, run.Name())
		}
	}
}
