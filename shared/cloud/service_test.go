package cloud_test

import (
	"testing"

	"byoc/shared/cloud"
)

func TestServicesAreRegisteredOnlyWhileActive(t *testing.T) {
	w := newWorld()
	for _, state := range cloud.States() {
		c := w.in(t, state)
		_, created, err := w.PutService(t.Context(), "org1", c.ID, "pg", anyVersion)
		if state == cloud.Active && (err != nil || !created) || state != cloud.Active && cloud.CodeOf(err) != cloud.Conflict {
			t.Errorf("%s: %v", state, err)
		}
	}
}

func TestRegisteringAServiceTwiceWritesOnce(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	for i := range 2 {
		if _, created, err := w.PutService(t.Context(), "org1", c.ID, "pg", anyVersion); err != nil || created != (i == 0) {
			t.Fatalf("created %v, %v", created, err)
		}
	}
	if got := w.store.clouds[c.ID]; got.Services != 1 || got.Version != c.Version+1 {
		t.Errorf("%d services at version %d", got.Services, got.Version)
	}
}

func TestACloudWithServicesIsNotDeleted(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	if _, _, err := w.PutService(t.Context(), "org1", c.ID, "pg", anyVersion); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always); cloud.CodeOf(err) != cloud.Conflict {
		t.Errorf("deleted: %v", err)
	}
	if _, err := w.RemoveService(t.Context(), "org1", c.ID, "pg", anyVersion); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemoveService(t.Context(), "org1", c.ID, "pg", anyVersion); cloud.CodeOf(err) != cloud.NotFound {
		t.Errorf("removed twice: %v", err)
	}
	if after, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always); err != nil || after.State != cloud.Deleting {
		t.Errorf("%s, %v", after.State, err)
	}
}

// Both read the cloud before the other writes; one of them has to notice.
func TestARegistrationAndADeletionCannotBothWin(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	w.store.interfere = func(s *store) {
		if _, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := w.PutService(t.Context(), "org1", c.ID, "pg", anyVersion); cloud.CodeOf(err) != cloud.Conflict {
		t.Errorf("registered in a cloud that is being deleted: %v", err)
	}
	c = w.in(t, cloud.Active)
	w.store.interfere = func(s *store) {
		if _, _, err := w.PutService(t.Context(), "org1", c.ID, "pg", anyVersion); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always); cloud.CodeOf(err) != cloud.Conflict {
		t.Errorf("deleted with a service in it: %v", err)
	}
}

func TestWhatChangesNothingWritesNothingInAnyState(t *testing.T) {
	w := newWorld()
	for _, state := range cloud.States() {
		c := w.in(t, state)
		after, err := w.Update(t.Context(), "org1", c.ID, cloud.Changes{DisplayName: cloud.Some(" " + c.DisplayName)}, admin, always)
		if err != nil || after.Version != c.Version {
			t.Errorf("update of %s: version %d, %v", state, after.Version, err)
		}
		after, err = w.SetPermissions(t.Context(), "org1", c.ID, cloud.Permissions{}, always)
		if err != nil || after.Version != c.Version {
			t.Errorf("permissions of %s: version %d, %v", state, after.Version, err)
		}
	}
}

func TestNamesAreComparedWithoutRegardToForm(t *testing.T) {
	for _, same := range [][2]string{
		{"Main", " MAIN "}, {"caf\u00e9", "cafe\u0301"}, {"\uff2d\uff41\uff49\uff4e", "main"}, {"\u216f", "m"}, {"\u03c3", "\u03c2"},
	} {
		if cloud.FoldName(same[0]) != cloud.FoldName(same[1]) {
			t.Errorf("%q and %q are two names", same[0], same[1])
		}
	}
	if cloud.FoldName("Main") == cloud.FoldName("M\u0430in") {
		t.Error("a Cyrillic letter is a Latin one")
	}
}

func anyVersion(int) error { return nil }
