package httpapi

import (
	"testing"

	"byoc/shared/cloud"
)

// The calls that DynamoDB gets, token and organization being known.
//
// A cloud is read by one BatchGetItem of its items, strongly consistent: a
// client that wrote reads its write. Only the token is not. A write reads before and is one transaction
// and one update that marks its event published.
func TestTableCallsOverTheWire(t *testing.T) {
	a, db, table := onTable(t, func(s cloud.Store) cloud.Store { return s })
	db.Calls()
	db.Eventual()
	id := a.draft()
	if got := db.Calls(); got != "GetItem GetItem Query TransactWriteItems UpdateItem" {
		t.Errorf("the first request: %s", got)
	}
	a.as(operator, "GET", acmes, "").wants(200)
	db.Calls()
	if got := db.Eventual(); got != "GetItem GetItem" {
		t.Errorf("of two tokens and the rest, eventually consistent: %s", got)
	}
	one := acmes + "/" + id
	role := `{"aws_iam_role_arn":"` + roleARN + cloud.Stem(id) + `-iam-role"}`
	calls := func(token, method, path, body, want string, options ...option) {
		t.Helper()
		if r := a.as(token, method, path, body, options...); r.status >= 300 {
			t.Errorf("%s %s: %s", method, path, r.text)
		}
		if got := db.Calls(); got != want {
			t.Errorf("%s %s: %q instead of %q", method, path, got, want)
		}
		if got := db.Eventual(); got != "" {
			t.Errorf("%s %s: %s may be old", method, path, got)
		}
	}
	calls(admin, "GET", one, "", "BatchGetItem")
	calls(admin, "GET", one+"/permissions", "", "BatchGetItem")
	calls(admin, "GET", acmes, "", "Query")
	calls(admin, "GET", acme, "", "GetItem")
	calls(admin, "GET", acme+"/units", "", "Query")
	calls(admin, "PUT", one, "", "BatchGetItem")
	calls(admin, "PUT", one, `{"display_name":"Main"}`, "BatchGetItem")
	calls(admin, "PUT", one, `{"display_name":"New"}`, "BatchGetItem TransactWriteItems")
	calls(admin, "POST", one+"/provision", role, "GetItem BatchGetItem TransactWriteItems UpdateItem", key("k"))
	calls(admin, "POST", one+"/provision", role, "GetItem", key("k"))
	run := cloud.Ref{OrganizationID: "acme", CloudID: id, Attempt: 1}
	if err := a.server.Clouds.PassChecks(t.Context(), run, "run"); err != nil {
		t.Fatal(err)
	}
	if err := a.server.Clouds.Conclude(t.Context(), run, cloud.OutcomeReady, "", "run"); err != nil {
		t.Fatal(err)
	}
	if _, err := table.PutProject(t.Context(), a.organizations["acme"], cloud.Project{ID: "p", OrganizationID: "acme", Name: "P", UnitID: "acc-acme"}); err != nil {
		t.Fatal(err)
	}
	db.Calls()
	calls(operator, "PUT", one+"/services/pg", "", "BatchGetItem GetItem TransactWriteItems")
	calls(operator, "GET", one+"/services/pg", "", "GetItem")
	calls(operator, "DELETE", one+"/services/pg", "", "BatchGetItem GetItem TransactWriteItems")
	calls(admin, "GET", "/v1/project/p/clouds", "", "GetItem Query Query")
	calls(admin, "POST", acme+"/custom-cloud-requests", `{"cloud_provider":"google","cloud_region":"x","display_name":"G"}`, "TransactWriteItems UpdateItem")
	calls(operator, "POST", acme+"/tokens", `{"member_id":"ann"}`, "GetItem TransactWriteItems")
	calls(admin, "DELETE", one, "", "BatchGetItem TransactWriteItems UpdateItem")
}
