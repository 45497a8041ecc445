package httpapi

import (
	"fmt"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// Everything at its limit at once still fits into an item of the table, and its
// answer into the one that keeps it: no limit of ours is DynamoDB's to refuse.
func TestTheLargestCloudFitsIntoTheTable(t *testing.T) {
	a, _, table := onTable(t, func(s cloud.Store) cloud.Store { return s })
	id := a.draft()
	one := acmes + "/" + id
	list := func(n int, item func(i int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	widest := func(n int) string { return strings.Repeat("\U0001F600", n) }
	a.as(admin, "PUT", one, `{"display_name":"`+widest(cloud.MaxDisplayName)+`","contact_emails":`+list(cloud.MaxContacts, func(i int) string {
		at := fmt.Sprintf("%d@example.com", i)
		return `{"email":"` + strings.Repeat("a", cloud.MaxEmail-len(at)) + at + `","real_name":"` + widest(cloud.MaxContactText) + `","role":"` + widest(cloud.MaxContactText) + `"}`
	})+`}`).wants(200)
	tags := make([]string, cloud.MaxTags)
	for i := range tags {
		key := fmt.Sprint("k", i)
		tags[i] = `"` + cloud.TagKeyPrefix + strings.Repeat("k", 63-len(key)) + key + `":"` + widest(cloud.MaxTagValue) + `"`
	}
	a.as(admin, "PUT", one, `{"tags":{`+strings.Join(tags, ",")+`},"peer_cidrs":`+list(cloud.MaxPeerCIDRs, func(i int) string {
		return fmt.Sprintf(`"192.168.%d.0/24"`, i)
	})+`,"ingress_rules":`+list(cloud.MaxIngressRules, func(i int) string {
		return fmt.Sprintf(`{"protocol":"tcp","from_port":%d,"to_port":%d,"cidr":"192.168.100.0/24","description":"%s"}`, i, i, strings.Repeat("d", 200))
	})+`}`).wants(200)
	var accounts, projects []string
	for i := range cloud.MaxPermissions {
		n := fmt.Sprint(i)
		accounts = append(accounts, strings.Repeat("u", 64-len(n))+n)
		projects = append(projects, strings.Repeat("p", 64-len(n))+n)
	}
	if _, err := a.server.Clouds.SetPermissions(t.Context(), "acme", id, cloud.Permissions{Accounts: accounts, Projects: projects}, func(cloud.Cloud) error { return nil }); err != nil {
		t.Fatal(err)
	}
	a.as(admin, "POST", one+"/provision", `{"aws_iam_role_arn":"`+roleARN+cloud.Stem(id)+`-iam-role"}`, key("k")).wants(200)
	r := a.as(admin, "POST", one+"/provision", `{"aws_iam_role_arn":"`+roleARN+cloud.Stem(id)+`-iam-role"}`, key("k")).wants(200)
	if r.header.Get(replayedHeader) == "" || r.cloud()["state"] != "validating" {
		t.Error("the answer was not kept")
	}
	c, err := table.Find(t.Context(), "acme", id)
	if err != nil || len(c.Projects) != cloud.MaxPermissions || len(c.Contacts) != cloud.MaxContacts {
		t.Errorf("%d projects, %d contacts, %v", len(c.Projects), len(c.Contacts), err)
	}
	t.Logf("the answer has %d bytes", len(r.text))
}
