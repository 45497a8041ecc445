package cloud

import (
	"context"
	"log/slog"
	"time"
)

// Clouds are the use cases of custom clouds. Whoever calls them has authorized
// the principal.
type Clouds struct {
	Store  Store
	Runs   Runs
	Events Publisher
	Rules  Rules
	Now    func() time.Time
	Log    *slog.Logger
}

// Rules are the settings of a deployment that validation depends on.
type Rules struct {
	// VendorAccount is our own AWS account.
	VendorAccount string
	// AllowOwnAccount permits custom clouds in VendorAccount (sandbox only).
	AllowOwnAccount bool
	// Vendor is the name shown to people.
	Vendor string
}

// Store keeps custom clouds.
type Store interface {
	// Find reads one cloud with its network, strongly consistent. NotFound.
	Find(ctx context.Context, organizationID, id string) (Cloud, error)
	// List reads a page of clouds that are not deleted, without their networks,
	// in a stable order. The cursor of the first page is empty, and so is the
	// next one after the last page.
	List(ctx context.Context, organizationID string, page Page) (clouds []Cloud, next string, err error)
	// Create writes a new cloud and its event. AlreadyExists where the name is
	// taken; Conflict where the organization has MaxClouds. What it is told to
	// keep is kept in the same transaction; *Repeated, before any other refusal,
	// where a request of that id is kept already.
	Create(ctx context.Context, c Cloud, e Event, kept ...Kept) error
	// Save writes after over before, on condition that the stored version is
	// still before's, and its events, in one transaction; the
	// version rises by one. Stale where the condition fails, AlreadyExists where
	// a new name is taken, *Repeated as Create.
	Save(ctx context.Context, before, after Cloud, events []Event, kept ...Kept) (Cloud, error)
	// Remove deletes a draft, on the same condition, and frees its name. Stale.
	Remove(ctx context.Context, c Cloud, e Event) error
	// CreateRequest writes a request for a cloud and its event. *Repeated.
	CreateRequest(ctx context.Context, r Request, e Event, kept ...Kept) error
	// FindService reads a service of a cloud; false where there is none.
	FindService(ctx context.Context, organizationID, id, name string) (Service, bool, error)
	// AddService writes a service and counts it on the cloud, on condition that
	// the cloud's version is still c's and it is active; the version rises by
	// one. Stale where the condition fails, or the service is there.
	AddService(ctx context.Context, c Cloud, s Service) error
	// RemoveService undoes it in any state, on the same conditions. Stale.
	RemoveService(ctx context.Context, c Cloud, s Service) error
	// MarkPublished records that an event is on the bus. Repeating it is harmless.
	MarkPublished(ctx context.Context, e Event) error
}

// Page of a list.
type Page struct {
	// Limit is 1 to 1000.
	Limit  int
	Cursor string
	// State, Region and DisplayName filter where they are not empty.
	State       State
	Region      string
	DisplayName string
}

// Publisher puts events on the bus.
type Publisher interface {
	Publish(ctx context.Context, e Event) error
}

// publish puts a written event on the bus and marks it. Failing is no failure
// of the write: the event is stored, and the watch publishes what stayed unpublished.
func (u *Clouds) publish(ctx context.Context, e Event) {
	if err := u.Events.Publish(ctx, e); err != nil {
		u.Log.WarnContext(ctx, "publishing event", "event", e.ID, "cloud", e.CloudID, "error", err)
		return
	}
	if err := u.Store.MarkPublished(ctx, e); err != nil {
		u.Log.WarnContext(ctx, "marking event published", "event", e.ID, "cloud", e.CloudID, "error", err)
	}
}

// start starts the run that the cloud's state asks for. Failing is no failure
// of the write that asked for it: the watch starts runs that never started.
func (u *Clouds) start(ctx context.Context, c Cloud) {
	run, ok := c.Run()
	if !ok {
		return
	}
	if err := u.Runs.Start(ctx, run); err != nil {
		u.Log.WarnContext(ctx, "starting execution", "execution", run.Name(), "cloud", c.ID, "error", err)
	}
}

// move takes a cloud through one transition: the new state, the raised attempt
// and the event are one write. Conflict where the table of transitions has no
// such row, Stale where the cloud changed since it was read.
func (u *Clouds) move(ctx context.Context, before Cloud, trigger Trigger, actor, message string, change func(*Cloud)) (Cloud, error) {
	to, ok := before.State.Next(trigger)
	if !ok {
		return Cloud{}, Errorf(Conflict, "The custom cloud is %s; that does not allow this.", before.State)
	}
	now := u.Now().UTC()
	after := before
	after.State = to
	after.UpdatedAt = now
	if to.StartsRun() {
		after.Attempt++
		after.AttemptAt = now
	}
	if change != nil {
		change(&after)
	}
	event := Event{
		ID:             EventID(before.ID, before.Version+1),
		Type:           StateChanged,
		OrganizationID: before.OrganizationID,
		CloudID:        before.ID,
		Version:        before.Version + 1,
		Attempt:        after.Attempt,
		From:           before.State,
		To:             to,
		Actor:          actor,
		Message:        message,
		At:             now,
	}
	if !before.AttemptAt.IsZero() {
		event.Took = now.Sub(before.AttemptAt)
	}
	if to == Disconnected {
		event.Defects = after.Network.Defects
	}
	if to == CreationFailed || to == DeletionFailed || to == Deleted {
		event.Leftovers = after.Network.Leftovers
	}
	event.Quiet = nothingNew(before, after)
	events := append([]Event{event}, connection(before, &after, actor)...)
	after.Version = event.Version
	kept, done, err := u.keep(ctx, after)
	if err != nil {
		return Cloud{}, err
	}
	after, err = u.Store.Save(ctx, before, after, events, kept...)
	if err != nil {
		return Cloud{}, err
	}
	done()
	for _, e := range events {
		u.publish(ctx, e)
	}
	return after, nil
}

// nothingNew says whether contacts know already what a change of state would
// tell them: a repair that failed for the reason for which the cloud was
// disconnected before, and one of a cloud that never was.
func nothingNew(before, after Cloud) bool {
	known := !before.Network.DisconnectedSince.IsZero()
	switch {
	case before.State != Reconnecting:
		return false
	case after.State == Disconnected:
		return known && len(before.Errors) > 0 && len(after.Errors) > 0 && before.Errors[0] == after.Errors[0]
	}
	return after.State == Active && !known
}

// connection keeps what is on record of the connection in step with the state,
// and answers the events of drift that go with the change.
func connection(before Cloud, after *Cloud, actor string) []Event {
	n := &after.Network
	switch after.State {
	case Disconnected:
		if n.DisconnectedSince.IsZero() {
			n.DisconnectedSince = after.UpdatedAt
		}
		if !n.DriftTold && before.State == Active && len(Drift(n.Defects)) > 0 {
			n.DriftTold = true
			return []Event{driftEvent(DriftFound, before, *after, actor, after.UpdatedAt)}
		}
	case Active:
		told := n.DriftTold
		n.DisconnectedSince, n.DriftTold = time.Time{}, false
		if told {
			return []Event{driftEvent(DriftHealed, before, *after, actor, after.UpdatedAt)}
		}
	}
	return nil
}

// retryStale runs f again, a few times, while it answers Stale: somebody else
// wrote in between, and f reads anew.
func retryStale[T any](f func() (T, error)) (T, error) {
	const tries = 5
	for i := 1; ; i++ {
		v, err := f()
		if CodeOf(err) != Stale || i == tries {
			return v, err
		}
	}
}

// Find reads one cloud. NotFound.
func (u *Clouds) Find(ctx context.Context, organizationID, id string) (Cloud, error) {
	return u.Store.Find(ctx, organizationID, id)
}

// List reads a page of an organization's clouds that are not deleted.
func (u *Clouds) List(ctx context.Context, organizationID string, page Page) ([]Cloud, string, error) {
	return u.Store.List(ctx, organizationID, page)
}
