package cloud

import (
	"context"
	"fmt"
	"time"
)

// Reason names what is wrong with a cloud that stands. The list is closed: only
// what can be known for certain has a name. Values are wire format.
type Reason string

const (
	ReasonRoleNotAssumable      Reason = "role_not_assumable"
	ReasonExternalIDNotEnforced Reason = "external_id_not_enforced"
	ReasonDenied                Reason = "denied"
	ReasonMissing               Reason = "missing"
	ReasonAltered               Reason = "altered"
)

// Reasons lists every Reason.
func Reasons() []Reason {
	return []Reason{ReasonRoleNotAssumable, ReasonExternalIDNotEnforced, ReasonDenied, ReasonMissing, ReasonAltered}
}

// Defect is one definite thing that is wrong with a cloud's role or network.
type Defect struct {
	Reason Reason
	// Subject is the resource's id where it is missing or altered, the action
	// where it is denied; empty for the role.
	Subject string
	// Property that differs, where the resource is altered.
	Property string
	// Message is a sentence for people.
	Message string
	// Since is when it was seen first.
	Since time.Time
}

// Same says whether o is the same defect, whenever it was seen.
func (d Defect) Same(o Defect) bool {
	return d.Reason == o.Reason && d.Subject == o.Subject && d.Property == o.Property
}

// Drift is what of defects is about resources, and not about the role.
func Drift(defects []Defect) (drift []Defect) {
	for _, d := range defects {
		if d.Reason == ReasonMissing || d.Reason == ReasonAltered {
			drift = append(drift, d)
		}
	}
	return drift
}

// FindDrift tells of drift that was found in a cloud which is disconnected
// already, for another reason. What was told is not told again. Moved where the
// attempt is over or the cloud is not disconnected.
func (u *Clouds) FindDrift(ctx context.Context, ref Ref, defects []Defect, actor string) error {
	_, err := retryStale(func() (Cloud, error) {
		before, err := u.current(ctx, ref)
		if err != nil || before.Network.DriftTold || len(Drift(defects)) == 0 {
			return before, err
		}
		if before.State != Disconnected {
			return Cloud{}, Errorf(Moved, "The custom cloud is %s.", before.State)
		}
		after := before
		after.UpdatedAt = u.Now().UTC()
		after.Network.Defects, after.Errors, after.Network.DriftTold = defects, sentences(defects), true
		e := driftEvent(DriftFound, before, after, actor, after.UpdatedAt)
		if after, err = u.Store.Save(ctx, before, after, []Event{e}); err == nil {
			u.publish(ctx, e)
		}
		return after, err
	})
	return err
}

// Disconnect takes an active cloud to Disconnected for defects, of which there
// is at least one. Moved where the attempt is over or the cloud is not active.
func (u *Clouds) Disconnect(ctx context.Context, ref Ref, defects []Defect, actor string) error {
	_, err := retryStale(func() (Cloud, error) {
		c, err := u.current(ctx, ref)
		if err != nil {
			return Cloud{}, err
		}
		if c.State != Active {
			return Cloud{}, Errorf(Moved, "The custom cloud is %s.", c.State)
		}
		messages := sentences(defects)
		return u.move(ctx, c, Trouble, actor, messages[0], func(c *Cloud) {
			c.Network.Defects = defects
			c.Errors = messages
		})
	})
	return err
}

// Reconnect takes a disconnected cloud whose defects are gone to Reconnecting
// and starts its run. Moved where the attempt is over or the cloud is not
// disconnected.
func (u *Clouds) Reconnect(ctx context.Context, ref Ref, actor string) error {
	after, err := retryStale(func() (Cloud, error) {
		c, err := u.current(ctx, ref)
		if err != nil {
			return Cloud{}, err
		}
		if c.State != Disconnected {
			return Cloud{}, Errorf(Moved, "The custom cloud is %s.", c.State)
		}
		return u.move(ctx, c, Healed, actor, "What was wrong is gone; connecting again.", nil)
	})
	if err != nil {
		return err
	}
	u.start(ctx, after)
	return nil
}

// maxSentences bounds what people read at once: a VPC that is gone takes
// everything with it.
const maxSentences = 5

func sentences(defects []Defect) []string {
	var list []string
	for i, d := range defects {
		if i == maxSentences {
			list = append(list, fmt.Sprintf("%d more differences.", len(defects)-i))
			break
		}
		list = append(list, d.Message)
	}
	return list
}
