package cloud

import "context"

// Repair starts the run that puts back what is missing of an active or
// disconnected cloud. On Reconnecting it starts the same run again, which is
// harmless. NotFound, Conflict.
func (u *Clouds) Repair(ctx context.Context, organizationID, id string, actor Principal, ifMatch func(Cloud) error) (Cloud, error) {
	return retryStale(func() (Cloud, error) {
		c, err := u.Store.Find(ctx, organizationID, id)
		if err != nil {
			return Cloud{}, err
		}
		if err := ifMatch(c); err != nil {
			return Cloud{}, err
		}
		switch c.State {
		case Active, Disconnected:
		case Reconnecting:
			u.start(ctx, c)
			return c, nil
		default:
			return Cloud{}, Errorf(Conflict, "The custom cloud is %s. Only one that is active or disconnected can be repaired.", c.State)
		}
		after, err := u.move(ctx, c, Repair, actor.ID, "Repairing your custom cloud.", nil)
		if err != nil {
			return Cloud{}, err
		}
		u.start(ctx, after)
		return after, nil
	})
}
