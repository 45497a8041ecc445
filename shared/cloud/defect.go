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
