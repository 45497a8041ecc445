package httpapi

import (
	"testing"
	"time"
)

func TestAContactThatCannotBeReachedIsShown(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	c := a.clouds[id]
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c.Contacts[0].BouncedAt = at
	a.clouds[id] = c
	v := a.as(member, "GET", acmes+"/"+id, "").wants(200).cloud()
	if contact := v["contact_emails"].([]any)[0].(map[string]any); contact["bounced_at"] != "2026-01-01T12:00:00.000Z" || contact["complained_at"] != nil {
		t.Errorf("%v", contact)
	}
	warned := false
	for _, w := range v["warnings"].([]any) {
		warned = warned || w.(map[string]any)["code"] == "contact_unreachable"
	}
	if !warned {
		t.Errorf("warnings %v", v["warnings"])
	}
}
