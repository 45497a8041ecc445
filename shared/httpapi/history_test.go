package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"byoc/shared/cloud"
)

// quiet takes events and starts of runs.
type quiet struct{}

func (*quiet) Publish(context.Context, cloud.Event) error { return nil }
func (*quiet) Start(context.Context, cloud.Run) error     { return nil }

// history records the operations on one cloud.
type history struct {
	*api
	id     string
	newest atomic.Int64
	// first is the version at which the history begins, from the cloud that it was.
	first int
	from  model
	mu    sync.Mutex
	ops   []op
	// made is the cloud that each version is.
	made map[int]model
	// begun counts, for each version, the writes under way that may make it: what
	// is written can be read before the writer has its answer.
	begun map[int]int
	// stale counts writes that found the cloud changed since they read it, and
	// staleServices those among them that place services or take them out.
	stale, staleServices int
}

type opKey struct{}

// writes is the store, of which every write is noted with the operation that
// made it.
type writes struct {
	cloud.Store
	h *history
}

func (w *writes) wrote(ctx context.Context, c cloud.Cloud, services int) {
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	if o, ok := ctx.Value(opKey{}).(*op); ok {
		if o.wrote != 0 {
			w.h.Errorf("%s wrote twice", o.kind)
		}
		o.wrote = c.Version
	}
	if _, twice := w.h.made[c.Version]; twice {
		w.h.Errorf("version %d was written twice: an update is lost", c.Version)
	}
	m := modelOf(c)
	m.services = fmt.Sprint(c.Services + services)
	w.h.made[c.Version] = m
}

// write makes a write that is to make version, between being begun and noted.
func (w *writes) write(version int, f func() error) error {
	w.h.mu.Lock()
	w.h.begun[version]++
	w.h.mu.Unlock()
	err := f()
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	if w.h.begun[version]--; w.h.begun[version] == 0 {
		delete(w.h.begun, version)
	}
	if cloud.CodeOf(err) == cloud.Stale {
		w.h.stale++
	}
	return err
}

func (w *writes) Save(ctx context.Context, before, after cloud.Cloud, e []cloud.Event, kept ...cloud.Kept) (c cloud.Cloud, err error) {
	err = w.write(before.Version+1, func() error {
		if c, err = w.Store.Save(ctx, before, after, e, kept...); err == nil {
			w.wrote(ctx, c, 0)
		}
		return err
	})
	return c, err
}

func (w *writes) AddService(ctx context.Context, c cloud.Cloud, s cloud.Service) error {
	return w.service(ctx, c, +1, func() error { return w.Store.AddService(ctx, c, s) })
}

func (w *writes) RemoveService(ctx context.Context, c cloud.Cloud, s cloud.Service) error {
	return w.service(ctx, c, -1, func() error { return w.Store.RemoveService(ctx, c, s) })
}

func (w *writes) service(ctx context.Context, c cloud.Cloud, by int, f func() error) error {
	c.Version++
	return w.write(c.Version, func() error {
		err := f()
		if err == nil {
			w.wrote(ctx, c, by)
		} else if cloud.CodeOf(err) == cloud.Stale {
			w.h.mu.Lock()
			w.h.staleServices++
			w.h.mu.Unlock()
		}
		return err
	})
}

func modelOf(c cloud.Cloud) model {
	return model{name: c.DisplayName, accounts: strings.Join(c.Accounts, " "), state: c.State, attempt: c.Attempt}
}

// do carries an operation out and notes what it was answered.
func (h *history) do(o op) {
	o.before = int(h.newest.Load())
	with := func(r *http.Request) { *r = *r.WithContext(context.WithValue(r.Context(), opKey{}, &o)) }
	path := acmes + "/" + h.id
	ref := cloud.Ref{OrganizationID: "acme", CloudID: h.id, Attempt: o.attempt}
	ctx := context.WithValue(context.Background(), opKey{}, &o)
	var r response
	var err error
	switch o.kind {
	case "read":
		r = h.as(admin, "GET", path, "", with)
	case "rename":
		r = h.as(admin, "PUT", path, `{"display_name":"`+o.arg+`"}`, with)
	case "permit":
		r = h.as(operator, "PUT", path+"/permissions", `{"accounts":["`+o.arg+`"]}`, with)
	case "provision":
		r = h.as(operator, "POST", path+"/provision", "", with)
	case "delete":
		r = h.as(admin, "DELETE", path, "", with)
	case "place":
		r = h.as(operator, "PUT", path+"/services/"+o.arg, "", with)
	case "take":
		r = h.as(operator, "DELETE", path+"/services/"+o.arg, "", with)
	case "checks":
		err = h.server.Clouds.PassChecks(ctx, ref, "run")
	case "ready":
		err = h.server.Clouds.Conclude(ctx, ref, cloud.OutcomeReady, "", "run")
	case "failed":
		err = h.server.Clouds.Conclude(ctx, ref, cloud.OutcomeFailed, "It failed.", "run")
	}
	switch {
	case cloud.CodeOf(err) == cloud.Moved:
		o.status = 410
	case cloud.CodeOf(err) == cloud.Stale, strings.Contains(r.text, `"error_code":"stale"`):
		// Others were first five times in a row: it says so, and wrote nothing.
		o.status = gaveUp
	case err != nil:
		h.Errorf("%s: %v", o.kind, err)
	case r.status != 0:
		o.status = r.status
	default:
		o.status = 200
	}
	if c, ok := r.body["custom_cloud_environment"].(map[string]any); ok {
		o.seen = model{
			name: c["display_name"].(string), state: cloud.State(c["state"].(string)),
			attempt: int(c["provisioning"].(map[string]any)["attempt"].(float64)), services: fmt.Sprint(c["services"]),
		}
	}
	for v := h.newest.Load(); int64(o.wrote) > v && !h.newest.CompareAndSwap(v, int64(o.wrote)); v = h.newest.Load() {
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for v := range h.made {
		o.after = max(o.after, v)
	}
	for v := range h.begun {
		o.after = max(o.after, v)
	}
	h.ops = append(h.ops, o)
}

// Two admins, the vendor's platform and the state machine at once, over a real
// table: what each was answered, and what was written, is what whole operations
// do in the order of the versions that they made. Nothing is lost, nothing torn.
//
// Histories in which nobody was in anybody's way would prove nothing, so that it
// goes on until enough of everything was seen.
func TestEveryHistoryIsSomeOrderOfWholeOperations(t *testing.T) {
	const least, most = 6, 30
	var seen meetings
	for seed := 0; seed < least || seed < most && !seen.enough(); seed++ {
		h := &history{made: map[int]model{}, begun: map[int]int{}}
		a, _, table := onTable(t, func(s cloud.Store) cloud.Store { return &writes{s, h} })
		h.api = a
		if _, err := table.PutUnit(t.Context(), a.organizations["acme"], cloud.Unit{}, cloud.Unit{ID: "unit-1", OrganizationID: "acme", Name: "U", ParentID: "acc-acme"}); err != nil {
			t.Fatal(err)
		}
		h.id = a.draft()
		a.as(admin, "POST", acmes+"/"+h.id+"/provision", `{"aws_iam_role_arn":"`+roleARN+cloud.Stem(h.id)+`-iam-role"}`).wants(200)
		h.begin(seed%2 == 1)
		var actors sync.WaitGroup
		for actor := range 4 {
			actors.Go(func() {
				for _, o := range drawing(seed%2 == 1).Example(seed*10 + actor) {
					h.do(o)
				}
			})
		}
		actors.Wait()
		h.check()
		seen.add(h)
		t.Logf("after history %d: %+v", seed, seen)
	}
	if !seen.enough() {
		t.Errorf("too little happened at once to prove anything: %+v", seen)
	}
}

// begin is where the history begins: at the attempt to create the cloud, or
// after it.
func (h *history) begin(active bool) {
	h.Helper()
	h.first, h.from = 2, model{name: "Main", state: cloud.Validating, attempt: 1}
	if active {
		ref := cloud.Ref{OrganizationID: "acme", CloudID: h.id, Attempt: 1}
		if err := h.server.Clouds.PassChecks(context.Background(), ref, "run"); err != nil {
			h.Fatal(err)
		}
		if err := h.server.Clouds.Conclude(context.Background(), ref, cloud.OutcomeReady, "", "run"); err != nil {
			h.Fatal(err)
		}
		h.first, h.from.state = 4, cloud.Active
	}
	h.newest.Store(int64(h.first))
}

// check replays the history on the model.
func (h *history) check() {
	h.Helper()
	states := map[int]model{h.first: h.from}
	slices.SortStableFunc(h.ops, func(a, b op) int { return a.wrote - b.wrote })
	for _, o := range h.ops {
		if o.wrote == 0 {
			continue
		}
		before, ok := states[o.wrote-1]
		if !ok {
			h.Fatalf("nobody wrote version %d", o.wrote-1)
		}
		after, status := before.apply(o)
		states[o.wrote] = after
		written := h.made[o.wrote]
		counted := after
		counted.services = fmt.Sprint(len(strings.Fields(after.services)))
		if written != counted || status != o.status || !o.saw(after) || o.wrote <= o.before {
			h.Errorf("%+v made %+v of %+v; as a whole it makes %+v and answers %d", o, written, before, after, status)
		}
	}
	for _, o := range h.ops {
		if o.wrote == 0 && o.status != gaveUp && !slices.ContainsFunc(between(o.before, o.after), func(v int) bool {
			is, made := states[v]
			after, status := is.apply(o)
			return made && after == is && status == o.status && o.saw(after)
		}) {
			h.Errorf("%+v fits no version from %d to %d", o, o.before, o.after)
		}
	}
}

// saw says whether the answer shows this cloud; permissions have an answer of
// their own.
func (o op) saw(m model) bool {
	if o.seen == (model{}) {
		return true
	}
	m.accounts, m.services = "", fmt.Sprint(len(strings.Fields(m.services)))
	return o.seen == m
}

func between(from, to int) (all []int) {
	for v := from; v <= to; v++ {
		all = append(all, v)
	}
	return all
}
