package cloud

import (
	"context"
)

// Delete removes a draft at once and starts the deletion of any other cloud.
// Deleting what is being deleted starts the same run again, deleting what is
// deleted changes nothing. A forced deletion tries as hard as any other and ends
// in Deleted, with its leftovers, where that one ends in DeletionFailed; a
// deletion that is under way can be forced still, and none is unforced. Services
// hold it up all the same. NotFound, Conflict.
func (u *Clouds) Delete(ctx context.Context, organizationID, id string, force bool, actor Principal, ifMatch func(Cloud) error) (Cloud, error) {
	return retryStale(func() (Cloud, error) {
		c, err := u.Store.Find(ctx, organizationID, id)
		if err != nil {
			return Cloud{}, err
		}
		if err := ifMatch(c); err != nil {
			return Cloud{}, err
		}
		switch c.State {
		case Deleted:
			return c, nil
		case Draft:
			return u.removeDraft(ctx, c, actor)
		case Deleting:
			if force && !c.Forced {
				before := c
				c.Forced, c.UpdatedAt = true, u.Now().UTC()
				if c, err = u.Store.Save(ctx, before, c, nil); err != nil {
					return Cloud{}, err
				}
			}
			u.start(ctx, c)
			return c, nil
		}
		if err := vacant(c); err != nil {
			return Cloud{}, err
		}
		message := "Deleting your custom cloud."
		if force {
			message = "Deleting your custom cloud, whatever cannot be removed from the account."
		}
		before := c.State
		after, err := u.move(ctx, c, Delete, actor.ID, message, func(c *Cloud) {
			c.Errors, c.Forced = nil, force
			c.Network.Failure = ""
			if before != Active {
				c.Network.EmptySweeps = 0
			}
		})
		if err != nil {
			return Cloud{}, err
		}
		u.start(ctx, after)
		return after, nil
	})
}

func (u *Clouds) removeDraft(ctx context.Context, c Cloud, actor Principal) (Cloud, error) {
	now := u.Now().UTC()
	event := Event{
		ID:             EventID(c.ID, c.Version+1),
		Type:           StateChanged,
		OrganizationID: c.OrganizationID,
		CloudID:        c.ID,
		Version:        c.Version + 1,
		From:           Draft,
		To:             Deleted,
		Actor:          actor.ID,
		Message:        "The draft was deleted.",
		At:             now,
	}
	if err := u.Store.Remove(ctx, c, event); err != nil {
		return Cloud{}, err
	}
	u.publish(ctx, event)
	c.State, c.UpdatedAt, c.Version = Deleted, now, c.Version+1
	return c, nil
}
