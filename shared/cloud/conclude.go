package cloud

import (
	"context"
	"fmt"
)

// Outcome is how a run ended.
type Outcome string

const (
	// OutcomeReady: every check and every step is good.
	OutcomeReady Outcome = "ready"
	// OutcomeFailed: the run gave up; what it made is removed or listed.
	OutcomeFailed Outcome = "failed"
	// OutcomeEmpty: the account is proven empty of this cloud.
	OutcomeEmpty Outcome = "empty"
)

// PassChecks takes a validating cloud to Creating. Repeating it changes
// nothing, and a reconnecting cloud stays as it is. Moved where the attempt is
// over or the state is another.
func (u *Clouds) PassChecks(ctx context.Context, ref Ref, actor string) error {
	_, err := retryStale(func() (Cloud, error) {
		c, err := u.current(ctx, ref)
		if err != nil {
			return Cloud{}, err
		}
		switch c.State {
		case Creating, Reconnecting:
			return c, nil
		case Validating:
			return u.move(ctx, c, ChecksPassed, actor, "The role was validated; creating the network.", nil)
		}
		return Cloud{}, Errorf(Moved, "The custom cloud is %s.", c.State)
	})
	return err
}

// Conclude writes the last state of a run and emits its event. A run that
// concluded already, or whose fence moved, gets Moved.
func (u *Clouds) Conclude(ctx context.Context, ref Ref, outcome Outcome, failure, actor string) error {
	_, err := retryStale(func() (Cloud, error) {
		c, err := u.current(ctx, ref)
		if err != nil {
			return Cloud{}, err
		}
		trigger := Failed
		switch {
		case outcome == OutcomeReady:
			trigger = Ready
		case c.State == Deleting && (outcome == OutcomeEmpty || c.Forced):
			trigger = Empty
		}
		if _, ok := c.State.Next(trigger); !ok {
			return Cloud{}, Errorf(Moved, "The custom cloud is %s.", c.State)
		}
		if c.Network.Failure != "" {
			failure = c.Network.Failure
		}
		failed := trigger == Failed || trigger == Empty && outcome != OutcomeEmpty
		return u.move(ctx, c, trigger, actor, concluded(c, trigger, failed, failure), func(c *Cloud) {
			c.Errors = nil
			if failed {
				c.Errors = failures(*c, failure)
			}
			c.Network.Failure = ""
			if trigger == Ready {
				c.Network.Defects = nil
			}
		})
	})
	return err
}

// current reads the cloud of ref. Moved where another attempt is on.
func (u *Clouds) current(ctx context.Context, ref Ref) (Cloud, error) {
	c, err := u.Store.Find(ctx, ref.OrganizationID, ref.CloudID)
	if CodeOf(err) == NotFound {
		return Cloud{}, Wrap(err, Moved, "The custom cloud is gone.")
	}
	if err != nil {
		return Cloud{}, err
	}
	if c.Attempt != ref.Attempt {
		return Cloud{}, Errorf(Moved, "Attempt %d is over; the custom cloud is at attempt %d.", ref.Attempt, c.Attempt)
	}
	return c, nil
}

func concluded(c Cloud, trigger Trigger, failed bool, failure string) string {
	switch {
	case trigger == Ready:
		return "The custom cloud is active."
	case trigger == Empty && !failed:
		return "Nothing of the custom cloud is left in the account."
	case trigger == Empty && len(c.Network.Leftovers) > 0:
		return fmt.Sprintf("The deletion was forced: %s in account %s. %s", left(c), c.AccountID(), failures(c, failure)[0])
	case trigger == Empty:
		return "The deletion was forced; what is left in the account is not known. " + failures(c, failure)[0]
	}
	return failures(c, failure)[0]
}

// left counts what a run left in the account.
func left(c Cloud) string {
	if n := len(c.Network.Leftovers); n != 1 {
		return fmt.Sprintf("%d resources are left", n)
	}
	return "1 resource is left"
}

// failures is what the customer reads after a failed run: why, and what is left.
func failures(c Cloud, failure string) []string {
	if failure == "" {
		failure = InternalMessage
	}
	list := []string{failure}
	if len(c.Network.Leftovers) > 0 {
		instead := ", or try again"
		if c.State == Deleted {
			instead = ""
		}
		list = append(list, fmt.Sprintf("%s in account %s; see what is listed and remove it with the commands given%s.", left(c), c.AccountID(), instead))
	}
	return list
}
