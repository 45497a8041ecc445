package httpapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"byoc/shared/cloud"
)

// How often a step is there.
type scope int

const (
	once scope = iota
	perZone
	perNAT
)

const (
	bastionSubnetStep  = "bastion_subnet"
	workloadSubnetStep = "workload_subnet"
)

// shownStep is what people see of a row of the step table in shared/network. The rows
// are generated (progress_steps.go): importing the table would link EC2's client.
type shownStep struct {
	name    string
	title   string
	scope   scope
	usually time.Duration
}

//go:generate go test . -run TestDisplayedStepsAreTheNetworksSteps -update

// progressView is how far the network is.
type progressView struct {
	Attempt    int `json:"attempt"`
	Percentage int `json:"percentage"`
	// Now is a sentence on what is happening.
	Now   string         `json:"now"`
	Steps []stepView     `json:"steps"`
	Left  []leftoverView `json:"leftovers"`
}

type stepView struct {
	Key          string          `json:"key"`
	Title        string          `json:"title"`
	Zone         string          `json:"availability_zone_id,omitempty"`
	State        cloud.StepState `json:"state"`
	ResourceID   string          `json:"resource_id,omitempty"`
	Reason       string          `json:"reason,omitempty"`
	Started      string          `json:"started,omitempty"`
	Ended        string          `json:"ended,omitempty"`
	UsualSeconds int             `json:"usual_seconds"`
}

type leftoverView struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Reason  string `json:"reason"`
	Command string `json:"command"`
}

func progressOf(x cloud.Cloud, times *timeTexts) progressView {
	v := progressView{Attempt: x.Attempt, Steps: stepsOf(x, times), Left: []leftoverView{}}
	for _, l := range x.Network.Leftovers {
		v.Left = append(v.Left, leftoverView{Kind: l.Kind, ID: l.ID, Reason: l.Reason, Command: l.Command})
	}
	v.Percentage = percentage(x.State, v.Steps)
	v.Now = happening(x, v.Steps)
	return v
}

// stepsOf a cloud in display order: those that its zones make necessary, then
// others that are on record.
func stepsOf(x cloud.Cloud, times *timeTexts) []stepView {
	views := make([]stepView, 0, len(x.Network.Steps))
	add := func(s cloud.Step, title, zone string, usually time.Duration) {
		views = append(views, stepView{
			Key: s.Key, Title: title, Zone: zone, State: s.State, ResourceID: s.ResourceID, Reason: s.Reason,
			Started: times.of(s.StartedAt), Ended: times.of(s.EndedAt), UsualSeconds: int(usually.Seconds()),
		})
	}
	recorded := 0
	// A map is looked into by bytes without making a string of them.
	var key []byte
	find := func(name, zone string) cloud.Step {
		if key = append(key[:0], name...); zone != "" {
			key = append(append(key, '/'), zone...)
		}
		s, ok := x.Network.Steps[string(key)]
		if !ok {
			return cloud.Step{Key: string(key), State: cloud.StepWaiting}
		}
		recorded++
		return s
	}
	if len(x.Network.Zones) > 0 {
		for _, s := range steps {
			for i, z := range x.Network.Zones {
				switch {
				case s.scope == once && i == 0:
					add(find(s.name, ""), s.title, "", s.usually)
				case s.scope == perZone, s.scope == perNAT && (i == 0 || x.NATGateways != cloud.NATSingle):
					add(find(s.name, z.ID), s.title, z.ID, s.usually)
				}
			}
		}
	}
	if recorded == len(x.Network.Steps) {
		return views
	}
	var others []cloud.Step
	for key, s := range x.Network.Steps {
		if !slices.ContainsFunc(views, func(v stepView) bool { return v.Key == key }) {
			s.Key = key
			others = append(others, s)
		}
	}
	slices.SortFunc(others, func(a, b cloud.Step) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.Key, b.Key))
	})
	for _, s := range others {
		name, zone, _ := strings.Cut(s.Key, "/")
		add(s, strings.ReplaceAll(name, "_", " "), zone, time.Second)
	}
	return views
}

// percentage of the steps that are where the state wants them.
func percentage(state cloud.State, steps []stepView) int {
	want := cloud.StepReady
	switch state {
	case cloud.Active, cloud.Deleted:
		return 100
	case cloud.Draft:
		return 0
	case cloud.Deleting, cloud.DeletionFailed:
		want = cloud.StepGone
	}
	done, all := 0, 0
	for _, s := range steps {
		if want == cloud.StepGone && s.State == cloud.StepWaiting {
			continue
		}
		all++
		if s.State == want {
			done++
		}
	}
	if all == 0 {
		return 0
	}
	return done * 100 / all
}

// happening is a sentence on what is being done or waited for.
func happening(x cloud.Cloud, steps []stepView) string {
	for _, s := range steps {
		if !x.State.Running() || s.State != cloud.StepPending && s.State != cloud.StepDeleting {
			continue
		}
		what := s.Title
		if s.Zone != "" {
			what += " in " + s.Zone
		}
		reason := "working on it"
		if s.Reason != "" {
			reason = s.Reason
		}
		return fmt.Sprintf("%s: %s. This usually takes about %s.", what, reason, roughly(s.UsualSeconds))
	}
	switch x.State {
	case cloud.Draft:
		return "Nothing has been created yet."
	case cloud.Validating:
		return "Checking the role in your AWS account. A new role may need up to two minutes until AWS knows it everywhere."
	case cloud.Creating:
		return "Creating the network in your AWS account. This usually takes about three minutes."
	case cloud.CreationFailed:
		return "The creation failed; errors says why."
	case cloud.Active:
		return "The network is complete."
	case cloud.Disconnected:
		return "The network cannot be managed now; errors says why."
	case cloud.Reconnecting:
		return "Putting back what is missing in your AWS account."
	case cloud.Deleting:
		return "Removing the network from your AWS account. This usually takes about three minutes."
	case cloud.DeletionFailed:
		return "The deletion could not be finished; errors says why."
	}
	if len(x.Network.Leftovers) > 0 {
		return "The deletion was forced; leftovers lists what is still in your AWS account, each with the command that removes it."
	}
	return "Nothing is left in your AWS account."
}

func roughly(seconds int) string {
	if seconds < 90 {
		return "a few seconds"
	}
	return fmt.Sprintf("%d minutes", (seconds+59)/60)
}
