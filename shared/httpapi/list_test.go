package httpapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

func TestListPagesAndFilters(t *testing.T) {
	a := newAPI(t)
	var ids []string
	for i := range 5 {
		r := a.as(admin, "POST", acmes, strings.Replace(draftBody, "Main", fmt.Sprintf("Cloud %d", i), 1)).wants(201)
		ids = append(ids, r.cloud()["custom_cloud_environment_id"].(string))
	}
	slices.Sort(ids)
	a.inState(ids[0], cloud.Active)

	rows := func(query string) (got []string, next string) {
		r := a.as(member, "GET", acmes+query, "").wants(200)
		for _, row := range r.body["custom_cloud_environments"].([]any) {
			row := row.(map[string]any)
			got = append(got, row["custom_cloud_environment_id"].(string))
			for _, fat := range []string{"plan", "provisioning", "next_steps", "aiven_aws_assume_role_external_id"} {
				if _, there := row[fat]; there {
					t.Errorf("a row has %s", fat)
				}
			}
		}
		next, _ = r.body["next_cursor"].(string)
		return got, next
	}
	if got, next := rows("?limit=999"); !slices.Equal(got, ids) || next != "" {
		t.Errorf("all: %v, next %q", got, next)
	}
	first, next := rows("?limit=3")
	second, end := rows("?limit=3&cursor=" + next)
	if !slices.Equal(append(first, second...), ids) || end != "" {
		t.Errorf("pages %v and %v, next %q", first, second, end)
	}
	for _, query := range []string{"?state=active", "?state=active&cloud_region=eu-west-1&unknown=1"} {
		if got, _ := rows(query); !slices.Equal(got, ids[:1]) {
			t.Errorf("%s: %v", query, got)
		}
	}
	if got, _ := rows("?display_name=cloud+3"); len(got) != 1 {
		t.Errorf("by name: %v", got)
	}
	for _, query := range []string{"?limit=0", "?limit=1001", "?limit=x", "?state=happy"} {
		r := a.as(member, "GET", acmes+query, "").wants(400)
		if len(r.locations()) != 1 || !strings.HasPrefix(r.locations()[0], "query.") {
			t.Errorf("%s names %v", query, r.locations())
		}
	}
}

func TestAListEndsBeforeItGrowsTooLarge(t *testing.T) {
	a := newAPI(t)
	for i := range 200 {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		c := cloud.Cloud{ID: id, OrganizationID: "acme", DisplayName: id, State: cloud.Draft, NATGateways: cloud.NATPerZone}
		for range cloud.MaxContacts {
			c.Contacts = append(c.Contacts, cloud.Contact{Email: "a@example.com", Name: strings.Repeat("<", cloud.MaxContactText)})
		}
		a.clouds[id] = c
	}
	seen, query := 0, ""
	for {
		r := a.as(admin, "GET", acmes+query, "").wants(200)
		if len(r.text) > pageBytes+1024 {
			t.Fatalf("a page of %d bytes", len(r.text))
		}
		seen += len(r.body["custom_cloud_environments"].([]any))
		next, _ := r.body["next_cursor"].(string)
		if next == "" {
			break
		}
		query = "?cursor=" + next
	}
	if seen != 200 {
		t.Errorf("%d of 200 rows", seen)
	}
}
