package cloud_test

import (
	"testing"
	"time"

	"byoc/shared/cloud"
)

func TestAContactThatBouncesIsMarkedUntilItIsChanged(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	put := func(contacts ...cloud.Contact) []cloud.Contact {
		t.Helper()
		after, err := w.Update(t.Context(), "org1", c.ID, cloud.Changes{Contacts: cloud.Some(contacts)}, admin, always)
		if err != nil {
			t.Fatal(err)
		}
		return after.Contacts
	}
	one, two := cloud.Contact{Email: "One@x.example", Name: "One"}, cloud.Contact{Email: "two@x.example"}
	put(one, two)
	version := w.store.clouds[c.ID].Version
	for range 2 {
		if err := w.MarkContact(t.Context(), "org1", c.ID, "one@X.example", cloud.Bounced, at); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
	}
	if got := w.store.clouds[c.ID].Version; got != version+1 {
		t.Errorf("%d writes", got-version)
	}
	if err := w.MarkContact(t.Context(), "org1", c.ID, "two@x.example", cloud.Complained, at); err != nil {
		t.Fatal(err)
	}
	// Who replaces the list by the same contacts changes none of them.
	got := put(two, one)
	if got[1].Reachable() || got[0].Reachable() || got[1].BouncedAt.Hour() != 12 || !got[1].ComplainedAt.IsZero() || got[0].ComplainedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	one.Email, two.Role = "other@x.example", "SRE"
	for _, contact := range put(one, two) {
		if !contact.Reachable() {
			t.Errorf("%+v was changed and is still marked", contact)
		}
	}
	for _, nobody := range [][2]string{{c.ID, "nobody@x.example"}, {"00000000-0000-4000-8000-000000000000", "one@x.example"}} {
		if err := w.MarkContact(t.Context(), "org1", nobody[0], nobody[1], cloud.Bounced, at); err != nil {
			t.Errorf("%v: %v", nobody, err)
		}
	}
}

// As rules become stricter, clouds are on record that they would refuse now.
func TestAContactOnRecordIsNoProblemOfAnotherChange(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	old := w.store.clouds[c.ID]
	old.Contacts = []cloud.Contact{{Email: "jürgen@x.example"}}
	w.store.clouds[c.ID] = old
	name := cloud.Changes{DisplayName: cloud.Some("Another name")}
	if after, err := w.Update(t.Context(), "org1", c.ID, name, admin, always); err != nil || after.DisplayName != "Another name" {
		t.Errorf("%v %q", err, after.DisplayName)
	}
	both := cloud.Changes{Contacts: cloud.Some([]cloud.Contact{{Email: "jürgen@x.example", Role: "SRE"}})}
	if _, err := w.Update(t.Context(), "org1", c.ID, both, admin, always); cloud.CodeOf(err) != cloud.Invalid {
		t.Errorf("the contact can be changed to what is refused: %v", err)
	}
}
