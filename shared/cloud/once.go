package cloud

import (
	"context"
	"time"
)

// KeepAnswers is for how long a request with a key is answered and not carried
// out again.
const KeepAnswers = 24 * time.Hour

// Kept is a request that was carried out, with its answer. It is written in the
// transaction of what the request wrote.
type Kept struct {
	// ID of the request: a hash of who sent it, where to, and its key.
	ID string
	// BodyHash tells the same request from another one under the same key.
	BodyHash string
	At       time.Time
	// Answer is empty where it must not be kept because it holds a secret.
	Answer Answer
}

// Answer is what a client got.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}

// Repeated is the error of a write that was carried out already by a request
// with the same id. Nothing was written.
type Repeated struct{ Kept Kept }

func (*Repeated) Error() string { return "the request was carried out already" }

// Once makes a request's write keep the request's answer.
type Once struct {
	ID       string
	BodyHash string
	// Render makes the answer that tells of the cloud that the write makes.
	Render func(Cloud) (Answer, error)
	// RenderRequest makes the answer that tells of a request for a cloud.
	RenderRequest func(Request) (Answer, error)
	// Done says that the answer is kept.
	Done bool
}

type onceKey struct{}

// WithOnce makes whichever transition of a cloud the request leads to keep its
// answer. It travels with the request, because a use case need not know of it.
func WithOnce(ctx context.Context, o *Once) context.Context {
	return context.WithValue(ctx, onceKey{}, o)
}

// keep is what the write that makes c keeps, and what to do once it is written.
func (u *Clouds) keep(ctx context.Context, c Cloud) (kept []Kept, done func(), err error) {
	o, ok := ctx.Value(onceKey{}).(*Once)
	if !ok || o.Done || o.Render == nil {
		return nil, func() {}, nil
	}
	a, err := o.Render(c)
	return u.kept(o, a, err)
}

func (u *Clouds) keepRequest(ctx context.Context, r Request) (kept []Kept, done func(), err error) {
	o, ok := ctx.Value(onceKey{}).(*Once)
	if !ok || o.Done || o.RenderRequest == nil {
		return nil, func() {}, nil
	}
	a, err := o.RenderRequest(r)
	return u.kept(o, a, err)
}

func (u *Clouds) kept(o *Once, a Answer, err error) ([]Kept, func(), error) {
	if err != nil {
		return nil, nil, err
	}
	k := Kept{ID: o.ID, BodyHash: o.BodyHash, At: u.Now().UTC(), Answer: a}
	return []Kept{k}, func() { o.Done = true }, nil
}
