package dynamo_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
)

func keptAt(id string, at time.Time) cloud.Kept {
	return cloud.Kept{
		ID: id, BodyHash: "b", At: at,
		Answer: cloud.Answer{Status: 201, Header: map[string]string{"ETag": `"1"`}, Body: []byte(`{"a":1}`)},
	}
}

func TestAnAnswerIsKeptWithTheWriteOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	c := newDraft("one")
	w.ok(w.Create(ctx(t), c, event(c, ""), keptAt("r1", now)))
	w.calls("TransactWriteItems")
	k, found, err := w.FindKept(ctx(t), "r1")
	w.ok(err)
	w.calls("GetItem")
	if diff := cmp.Diff(keptAt("r1", now), k); diff != "" || !found {
		t.Error(found, diff)
	}
	taken := newDraft("one")
	w.code(w.Create(ctx(t), taken, event(taken, ""), keptAt("r2", now)), cloud.AlreadyExists)
	if _, found, err := w.FindKept(ctx(t), "r2"); found || err != nil {
		t.Error("a refused write kept an answer", err)
	}
}

// The repetition is told before anything else that is wrong with it: here also
// the name is taken.
func TestARepeatedWriteWritesNothingAndAnswersTheFirst(t *testing.T) {
	w := newWorld(t)
	c := newDraft("one")
	w.ok(w.Create(ctx(t), c, event(c, ""), keptAt("r1", now)))
	again := newDraft("one")
	err := w.Create(ctx(t), again, event(again, ""), cloud.Kept{ID: "r1", BodyHash: "other", At: now})
	var repeated *cloud.Repeated
	if !errors.As(err, &repeated) || cmp.Diff(keptAt("r1", now), repeated.Kept) != "" {
		t.Fatalf("%v", err)
	}
	if n := w.clouds(); n != 1 {
		t.Errorf("%d clouds", n)
	}
	if err := w.Keep(ctx(t), keptAt("r1", now)); !errors.As(err, &repeated) {
		t.Errorf("kept again: %v", err)
	}
}

func TestOfTwoRequestsAtOnceOneIsCarriedOut(t *testing.T) {
	w := newWorld(t)
	errs := make([]error, 6)
	var group sync.WaitGroup
	for i := range errs {
		c := newDraft("one")
		group.Go(func() { errs[i] = w.Create(t.Context(), c, event(c, ""), keptAt("r1", now)) })
	}
	group.Wait()
	done := 0
	for _, err := range errs {
		var repeated *cloud.Repeated
		if err == nil {
			done++
		} else if !errors.As(err, &repeated) {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d were carried out", done)
	}
}

func TestAnAnswerIsForgottenAfterADay(t *testing.T) {
	w := newWorld(t)
	w.ok(w.Keep(ctx(t), keptAt("r1", now)))
	later := now.Add(cloud.KeepAnswers)
	w.Now = func() time.Time { return later }
	if _, found, err := w.FindKept(ctx(t), "r1"); found || err != nil {
		t.Errorf("still there: %v", err)
	}
	w.ok(w.Keep(ctx(t), keptAt("r1", later)))
}

func TestARequestAndItsEventAreOneWrite(t *testing.T) {
	w := newWorld(t)
	r := cloud.Request{
		ID: "00000000-0000-4000-8000-00000000aaaa", OrganizationID: org, Provider: "google", Region: "europe-west1", DisplayName: "G",
		Contacts: []cloud.Contact{{Email: "a@example.com"}}, Comment: "Soon", Actor: "u", CreatedAt: now,
	}
	e := cloud.Event{
		ID: cloud.EventID(r.ID, 1), Type: cloud.Requested, OrganizationID: org, CloudID: r.ID, Version: 1, Actor: "u", At: now, Request: &r,
	}
	w.ok(w.CreateRequest(ctx(t), r, e, keptAt("r1", now)))
	w.calls("TransactWriteItems")
	found := 0
	for shard := range 16 {
		due, err := w.Due(ctx(t), shard, now.Add(time.Hour), 10)
		w.ok(err)
		for _, d := range due {
			found++
			if diff := cmp.Diff(&e, d.Event); diff != "" {
				t.Error(diff)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d unpublished events", found)
	}
	w.ok(w.MarkPublished(ctx(t), e))
}
