package cloud

import (
	"context"
	"fmt"
)

// Operation is what an execution does.
type Operation string

const (
	// OperationProvision creates the network of a validating cloud.
	OperationProvision Operation = "provision"
	// OperationRepair puts back what is missing from a reconnecting cloud.
	OperationRepair Operation = "repair"
	// OperationDelete tears the network of a deleting cloud down.
	OperationDelete Operation = "delete"
	// OperationRollback tears down what a dead run of a validating or creating
	// cloud made.
	OperationRollback Operation = "rollback"
)

// Ref names one attempt of one cloud. It is the whole input of an execution:
// ids and attempt only, byte-identical however often it is started.
type Ref struct {
	OrganizationID string `json:"organization_id"`
	CloudID        string `json:"cloud_id"`
	Attempt        int    `json:"attempt"`
}

// Run is an execution of a state machine.
type Run struct {
	Ref
	Operation Operation
}

// Name of the execution. Step Functions keeps a name for 90 days, so that the
// same attempt cannot be started twice.
func (r Run) Name() string {
	return fmt.Sprintf("%s-%s-%d", r.CloudID, r.Operation, r.Attempt)
}

// Ref of the cloud's current attempt.
func (c Cloud) Ref() Ref {
	return Ref{OrganizationID: c.OrganizationID, CloudID: c.ID, Attempt: c.Attempt}
}

// Run that the cloud's state asks for; false in states in which none works on it.
func (c Cloud) Run() (Run, bool) {
	switch c.State {
	case Validating, Creating:
		return Run{Ref: c.Ref(), Operation: OperationProvision}, true
	case Reconnecting:
		return Run{Ref: c.Ref(), Operation: OperationRepair}, true
	case Deleting:
		return Run{Ref: c.Ref(), Operation: OperationDelete}, true
	}
	return Run{}, false
}

// Runs starts executions.
type Runs interface {
	// Start is repeatable: a run that is started already is a success.
	Start(ctx context.Context, run Run) error
}
