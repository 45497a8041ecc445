package dynamo

import (
	"context"
	"time"

	"byoc/shared/cloud"
)

type answerItem struct {
	PK        string            `dynamodbav:"pk"`
	SK        string            `dynamodbav:"sk"`
	Entity    string            `dynamodbav:"entity"`
	BodyHash  string            `dynamodbav:"body_hash"`
	At        string            `dynamodbav:"at"`
	Status    int               `dynamodbav:"status"`
	Header    map[string]string `dynamodbav:"header,omitempty"`
	Body      []byte            `dynamodbav:"body,omitempty"`
	ExpiresAt int64             `dynamodbav:"expires_at"`
}

// keep writes a request with its answer, on condition that none of its id is
// kept. It comes first in a transaction: *cloud.Repeated goes before any other
// refusal.
func (x *transaction) keep(kept []cloud.Kept) {
	for _, k := range kept {
		x.put(newAnswerItem(k), unkept(k.At), func(old record) error { return repeated(k.ID, old) })
	}
}

// unkept lets the write through where no request of the id is kept, or one that
// is too old: DynamoDB may delete it days late.
func unkept(now time.Time) *expression {
	e := newExpression()
	return e.absentOr(e.path("at") + " <= " + e.value(formatTime(now.Add(-cloud.KeepAnswers))))
}

func newAnswerItem(k cloud.Kept) answerItem {
	at := answerKey(k.ID)
	return answerItem{
		PK: at.pk, SK: at.sk, Entity: "answer", BodyHash: k.BodyHash, At: formatTime(k.At),
		Status: k.Answer.Status, Header: k.Answer.Header, Body: k.Answer.Body,
		ExpiresAt: k.At.Add(cloud.KeepAnswers).Unix(),
	}
}

func repeated(id string, old record) error {
	var i answerItem
	if err := unmarshal(old, &i); err != nil {
		return err
	}
	return &cloud.Repeated{Kept: i.kept(id)}
}

func (i answerItem) kept(id string) cloud.Kept {
	return cloud.Kept{
		ID: id, BodyHash: i.BodyHash, At: parseTime(i.At),
		Answer: cloud.Answer{Status: i.Status, Header: i.Header, Body: i.Body},
	}
}

// FindKept reads a request that was carried out less than cloud.KeepAnswers ago;
// false where there is none.
func (t *Table) FindKept(ctx context.Context, id string) (cloud.Kept, bool, error) {
	var i answerItem
	found, err := t.get(ctx, answerKey(id), true, &i)
	if err != nil || !found {
		return cloud.Kept{}, false, err
	}
	k := i.kept(id)
	return k, t.Now().Before(k.At.Add(cloud.KeepAnswers)), nil
}

// Keep writes a request that wrote nothing itself. *cloud.Repeated where one of
// its id is kept.
func (t *Table) Keep(ctx context.Context, k cloud.Kept) error {
	x := t.transaction()
	x.keep([]cloud.Kept{k})
	return x.commit(ctx, "keeping an answer")
}
