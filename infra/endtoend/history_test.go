package endtoend

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"byoc/infra/customer"
)

type historyCall struct {
	Service   string   `json:"service"`
	Action    string   `json:"action"`
	Resources []string `json:"resources"`
	Result    string   `json:"result"`
	RequestID string   `json:"request_id"`
	Account   string   `json:"account"`
	Caller    string   `json:"caller"`
}

// history reads all pages of a cloud's calls.
func (w *world) history(c customer.Cloud) (calls []historyCall) {
	w.Helper()
	for cursor := ""; ; {
		var page struct {
			Events []struct {
				Calls []historyCall `json:"calls"`
			} `json:"events"`
			Next string `json:"next_cursor"`
		}
		w.reads(w.api.Clouds(c.ID, "events")+"?limit=20&cursor="+cursor, &page)
		for _, e := range page.Events {
			calls = append(calls, e.Calls...)
		}
		if cursor = page.Next; cursor == "" {
			return calls
		}
	}
}

// What the customer reads of our calls is what AWS saw of them, one to one: each
// line has its like, with service, action, result and request id.
func TestTheHistoryIsWhatAWSSaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.active(map[string]any{"nat_gateways": "single"})
	made := w.inventory()
	// The checks that an admin asks for and the looks of the watch are calls as any.
	if a := must[customer.Answer](w)(w.api.Call(w.ctx, http.MethodPost, w.api.Clouds(c.ID, "preflight"), nil)); a.Status != http.StatusOK {
		t.Fatalf("preflight: %d %s", a.Status, a.Body)
	}
	w.until("a look of the watch", func() (any, bool) {
		if err := system.FireSchedule(schedule); err != nil {
			t.Fatal(err)
		}
		return w.looks(), w.looks() > 0
	})
	c = w.repair(c)
	if c = w.delete(c); c.State != "deleted" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	w.wantEmpty()

	var told []historyCall
	// A look of the watch may be about to tell of its calls.
	w.until("one to one", func() (any, bool) {
		told = w.history(c)
		onlyTold, onlySeen := unlike(told, w.seen(c, told))
		return map[string][]historyCall{"only in the history": onlyTold, "only at AWS": onlySeen}, len(onlyTold)+len(onlySeen) == 0
	})
	t.Logf("%d calls", len(told))
	for _, session := range []string{"/byoc-watch-", "-preflight"} {
		if !slices.ContainsFunc(told, func(x historyCall) bool { return x.Service == "ec2" && strings.Contains(x.Caller, session) }) {
			t.Errorf("no calls by a session %s: the test shows nothing of them", session)
		}
	}
	named := map[string]bool{}
	for _, x := range told {
		if x.Account != w.account.ID || x.Caller == "" {
			t.Errorf("%+v", x)
		}
		if strings.HasPrefix(x.Action, "Create") && x.Result == "ok" && len(x.Resources) == 0 {
			t.Errorf("%+v names no resource", x)
		}
		for _, id := range x.Resources {
			named[id] = true
		}
	}
	for _, s := range c.Provisioning.Steps {
		if s.ResourceID != "" && !named[s.ResourceID] {
			t.Errorf("the history does not name %s", s.ResourceID)
		}
	}
	for _, g := range made.NATGateways {
		if !named[g.ID] {
			t.Errorf("the history does not name %s", g.ID)
		}
	}
}

// seen are the calls that the local AWS had of a cloud's role sessions, and of
// whoever is told to have opened them.
func (w *world) seen(c customer.Cloud, told []historyCall) (list []historyCall) {
	ids, openers := map[string]bool{}, map[string]bool{}
	for _, x := range told {
		ids[x.RequestID] = true
		// The watch opens sessions of other customers' clouds under the same name.
		if x.Action == "AssumeRole" && !strings.Contains(x.Caller, "/byoc-watch-") {
			openers[x.Caller] = true
		}
	}
	for _, x := range system.Calls() {
		inside := x.Account == w.account.ID && strings.Contains(x.RoleARN, c.UniqueName)
		opening := x.Operation == "AssumeRole" && (openers[x.Principal] || ids[x.RequestID])
		if !inside && !opening {
			continue
		}
		result := x.ErrorCode
		if result == "" {
			result = "ok"
		}
		list = append(list, historyCall{Service: x.Service, Action: x.Operation, Result: result, RequestID: x.RequestID})
	}
	return list
}

// unlike are the calls of either list that have no like in the other. What was
// not answered has no request id: it is like any call of its action, or was
// never seen.
func unlike(told, seen []historyCall) (onlyTold, onlySeen []historyCall) {
	onlySeen = slices.Clone(seen)
	takes := func(like func(historyCall) bool) bool {
		i := slices.IndexFunc(onlySeen, like)
		if i >= 0 {
			onlySeen = slices.Delete(onlySeen, i, i+1)
		}
		return i >= 0
	}
	var unanswered []historyCall
	for _, x := range told {
		if x.Result == "NoAnswer" {
			unanswered = append(unanswered, x)
		} else if !takes(func(y historyCall) bool {
			return x.Service == y.Service && x.Action == y.Action && x.Result == y.Result && x.RequestID == y.RequestID
		}) {
			onlyTold = append(onlyTold, x)
		}
	}
	for _, x := range unanswered {
		takes(func(y historyCall) bool { return x.Service == y.Service && x.Action == y.Action })
	}
	return onlyTold, onlySeen
}
