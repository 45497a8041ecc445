// Package endtoend runs the whole system, deployed into the local AWS, as its
// users do: over HTTP, with a customer's AWS account beside it.
package endtoend

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoc/infra/customer"
	"byoc/infra/local/authorization"
	"byoc/infra/local/inventory"
	"byoc/infra/sandbox"
)

// system is what all tests of this package share: one deployment.
var system *sandbox.Sandbox

func TestMain(m *testing.M) { os.Exit(run(m)) }

// atOnce is how many tests run at the same time, whatever the machine: they
// wait, mostly.
const atOnce = "8"

func run(m *testing.M) int {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "byoc-endtoend-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	settings := sandbox.ShortIntervals()
	settings["templateBucket"] = templateBucket
	settings["cloudUrl"] = "https://clouds.vendor.example/{organization_id}/{custom_cloud_environment_id}"
	system, err = sandbox.Start(ctx, sandbox.Options{
		Root: "../..", Dir: dir,
		APIAddr: "127.0.0.1:0", LocalAWSAddr: "127.0.0.1:0",
		Context:          settings,
		ScheduleInterval: -1,
		PollWait:         time.Second,
		FreshRoleDelay:   time.Second,
		Progress:         os.Stderr,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the system:", err)
		return 1
	}
	defer system.Close()
	if err := holdToContract(); err != nil {
		fmt.Fprintln(os.Stderr, "reading the API's contract:", err)
		return 1
	}
	if err := subscribed.start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "subscribing to the bus:", err)
		return 1
	}
	code := m.Run()
	if breaches.Load() > 0 {
		code = 1
	}
	for _, check := range []struct {
		finds string
		wrong func(context.Context) []string
		// ofAll says that it holds only when every test has run.
		ofAll bool
	}{
		{"calls that the caller's policies deny", func(context.Context) []string { return unexpectedDenials() }, false},
		{"events that are not of their schema", func(context.Context) []string { return subscribed.breaches() }, false},
		{"mails that were sent more than once", func(context.Context) []string { return mailedTwice() }, false},
		{"rights of our roles that no call needs, or that a service was thought to need", unusedRights, true},
		{"lines of the functions' logs", wrongLines, true},
		{"what `make destroy` leaves", destroyed, false},
	} {
		if why := partial(); check.ofAll && (code != 0 || why != "") {
			fmt.Fprintf(os.Stderr, "NOT JUDGED: %s: %s\n", check.finds, cmp.Or(why, "tests failed"))
			continue
		}
		if wrong := check.wrong(ctx); len(wrong) > 0 {
			fmt.Fprintf(os.Stderr, "FAIL: %s (%d):\n  %s\n", check.finds, len(wrong), strings.Join(wrong[:min(len(wrong), 50)], "\n  "))
			code = 1
		}
	}
	return code
}

// mailedTwice is every mail of the run that a contact got again.
func mailedTwice() []string {
	mails, err := customer.New(system.Runfile()).Mails("")
	if err != nil {
		return []string{err.Error()}
	}
	seen := map[string]int{}
	var twice []string
	for _, m := range mails {
		// A test's name is its cloud's: each of these is told once.
		if key := m.To + " " + m.CloudID + " " + m.Subject; seen[key] > 0 {
			twice = append(twice, key)
		} else {
			seen[key]++
		}
	}
	return twice
}

// mayBeDenied are the customers' accounts in which a test expects denials.
var mayBeDenied sync.Map

// unexpectedDenials is every call of the run that AWS would have denied for
// its caller's policies, or that nobody could judge: one is red.
func unexpectedDenials() []string {
	var list []string
	for _, d := range system.Enforcer.Denied() {
		if !expected(d) {
			list = append(list, fmt.Sprintf("%s by %s: %s on %s %s", d.Call, d.Caller.ARN, d.Action, d.Resource, d.Reason()))
		}
	}
	for _, u := range system.Enforcer.Unattributed() {
		list = append(list, fmt.Sprintf("%s:%s by %s, which has no role", u.Service, u.Operation, u.Caller))
	}
	for _, c := range system.Calls() {
		if c.Status == 501 {
			list = append(list, fmt.Sprintf("%s:%s by %s could not be judged: %s", c.Service, c.Operation, c.Principal, c.ErrorCode))
		}
	}
	return list
}

func expected(d authorization.Denial) bool {
	_, ok := mayBeDenied.Load(d.Caller.Account)
	return ok
}

// world is one test's view of the system: a customer with an account of its own.
type world struct {
	*testing.T
	ctx     context.Context
	api     *customer.Customer
	account customer.Account
	before  inventory.Inventory
}

var accounts atomic.Int64

// newWorld gives a test an account that no other test uses.
func newWorld(t *testing.T) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	api := customer.New(system.Runfile())
	w := &world{T: t, ctx: ctx, api: api, account: api.Account(fmt.Sprintf("%012d", 300000000000+accounts.Add(1)))}
	w.before = w.inventory()
	return w
}

// inventory of the account, read behind everything that could hide something.
func (w *world) inventory() inventory.Inventory {
	w.Helper()
	all, err := inventory.Take(w.ctx, system.Emulator().Config(w.account.ID, sandbox.Region))
	if err != nil {
		w.Fatal(err)
	}
	// The role is the customer's.
	all.Roles = nil
	return all
}

// wantEmpty holds the account against what it was before the test.
func (w *world) wantEmpty() {
	w.Helper()
	if diff := inventory.Diff(w.before, w.inventory()); len(diff) > 0 {
		w.Errorf("the account is not as it was:\n%s", strings.Join(diff, "\n"))
	}
}

func must[T any](w *world) func(T, error) T {
	return func(v T, err error) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return v
	}
}

// draft describes a custom cloud.
func (w *world) draft(fields map[string]any) customer.Cloud {
	w.Helper()
	all := map[string]any{
		"cloud_provider": "aws", "cloud_region": sandbox.Region, "deployment_model": "standard",
		"display_name": w.Name(), "reserved_cidr": "10.20.0.0/16",
		"contact_emails": []map[string]string{
			{"email": "first@customer.example", "real_name": "First", "role": "SRE"},
			{"email": "second@customer.example", "real_name": "Second", "role": "Manager"},
		},
	}
	for k, v := range fields {
		all[k] = v
	}
	return must[customer.Cloud](w)(w.api.Create(w.ctx, all))
}

// role applies the CloudFormation template of c after edit.
func (w *world) role(c customer.Cloud, edit func(string) string) string {
	w.Helper()
	text := must[string](w)(w.api.Document(w.ctx, c.ID, "cloudformation/template"))
	if edit != nil {
		text = edit(text)
	}
	return must[string](w)(w.account.ApplyCloudFormation(w.ctx, c.UniqueName, text))
}

// provision hands in the role and waits for the end.
func (w *world) provision(c customer.Cloud, roleARN string) customer.Cloud {
	w.Helper()
	must[customer.Cloud](w)(w.api.Provision(w.ctx, c.ID, roleARN))
	return must[customer.Cloud](w)(w.api.Wait(w.ctx, c.ID, nil, "active", "creation_failed"))
}

// active is a custom cloud that became active.
func (w *world) active(fields map[string]any) customer.Cloud {
	w.Helper()
	c := w.draft(fields)
	c = w.provision(c, w.role(c, nil))
	if c.State != "active" {
		w.Fatalf("%s: %v", c.State, c.Errors)
	}
	return c
}

// delete waits until the cloud is deleted.
func (w *world) delete(c customer.Cloud) customer.Cloud {
	w.Helper()
	must[customer.Cloud](w)(w.api.Delete(w.ctx, c.ID))
	return must[customer.Cloud](w)(w.api.Wait(w.ctx, c.ID, nil, "deleted", "deletion_failed"))
}

// wantMails waits for one mail about the cloud to each contact, and no more.
func (w *world) wantMails(c customer.Cloud, about string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 3*time.Minute)
	defer cancel()
	for {
		mails, err := w.api.Mails(c.ID)
		if err != nil {
			w.Fatal(err)
		}
		to := map[string]int{}
		for _, m := range mails {
			if strings.HasSuffix(m.Subject, ": "+about) {
				to[m.To]++
			}
		}
		if to["first@customer.example"] == 1 && to["second@customer.example"] == 1 && len(to) == 2 {
			return
		}
		select {
		case <-ctx.Done():
			w.Fatalf("mails about %q: %v", about, to)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// wantFailure holds a cloud against creation_failed with a message.
func (w *world) wantFailure(c customer.Cloud, message string) {
	w.Helper()
	if c.State != "creation_failed" || len(c.Errors) == 0 || !strings.Contains(c.Errors[0].Message, message) {
		w.Errorf("want creation_failed with %q, not %s with %v", message, c.State, c.Errors)
	}
}
