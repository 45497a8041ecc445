package cloud

import "slices"

// State is where a custom cloud stands. Values are wire format.
type State string

const (
	Draft          State = "draft"
	Validating     State = "validating"
	Creating       State = "creating"
	CreationFailed State = "creation_failed"
	Active         State = "active"
	Disconnected   State = "disconnected"
	Reconnecting   State = "reconnecting"
	Deleting       State = "deleting"
	DeletionFailed State = "deletion_failed"
	Deleted        State = "deleted"
)

// States lists every State.
func States() []State {
	return []State{
		Draft, Validating, Creating, CreationFailed, Active, Disconnected, Reconnecting,
		Deleting, DeletionFailed, Deleted,
	}
}

// Trigger is what moves a custom cloud from one state to another.
type Trigger string

const (
	// Provision: POST …/provision.
	Provision Trigger = "provision"
	// ChecksPassed: the role was validated.
	ChecksPassed Trigger = "checks_passed"
	// Failed: the run failed; what it made is removed or listed.
	Failed Trigger = "failed"
	// Ready: every check and every step is good.
	Ready Trigger = "ready"
	// Trouble: the same definite trouble was seen twice.
	Trouble Trigger = "trouble"
	// Healed: the trouble is gone.
	Healed Trigger = "healed"
	// Repair: POST …/repair, or changed ingress rules.
	Repair Trigger = "repair"
	// Delete: DELETE.
	Delete Trigger = "delete"
	// Empty: the account is proven empty, or the deletion was forced.
	Empty Trigger = "empty"
)

type transition struct {
	from    []State
	trigger Trigger
	to      State
}

// transitions is the whole life of a custom cloud: what is not here cannot
// happen. A draft's deletion is not listed: its item goes, and with it the state.
var transitions = []transition{
	{[]State{Draft, CreationFailed}, Provision, Validating},
	{[]State{Validating}, ChecksPassed, Creating},
	{[]State{Validating, Creating}, Failed, CreationFailed},
	{[]State{Creating, Reconnecting}, Ready, Active},
	{[]State{Active}, Trouble, Disconnected},
	{[]State{Disconnected}, Healed, Reconnecting},
	{[]State{Active, Disconnected}, Repair, Reconnecting},
	{[]State{Reconnecting}, Failed, Disconnected},
	{[]State{Validating, Creating, CreationFailed, Active, Disconnected, Reconnecting, DeletionFailed}, Delete, Deleting},
	{[]State{Deleting}, Empty, Deleted},
	{[]State{Deleting}, Failed, DeletionFailed},
}

// Next is the state that trigger leads to from s; false where the table of
// transitions has no such row.
func (s State) Next(trigger Trigger) (State, bool) {
	for _, t := range transitions {
		if t.trigger == trigger && slices.Contains(t.from, s) {
			return t.to, true
		}
	}
	return "", false
}

// StartsRun says whether entering s starts an execution of its own, which
// raises the attempt.
func (s State) StartsRun() bool {
	return s == Validating || s == Reconnecting || s == Deleting
}

// Running says whether an execution works on a cloud in state s.
func (s State) Running() bool {
	return s == Validating || s == Creating || s == Reconnecting || s == Deleting
}

// Watched says whether the watch looks at the account of a cloud in state s.
func (s State) Watched() bool { return s == Active || s == Disconnected }

// Fence is what every transition and every persisted step of a run is
// conditional on. A run that finds it moved ends with code Moved.
type Fence struct {
	State   State
	Attempt int
}
