package cloud

import (
	"context"
	"fmt"
	"time"
)

// Service is one that the vendor's platform runs in a cloud.
type Service struct {
	OrganizationID string
	CloudID        string
	// Name is the platform's own, unique in its cloud.
	Name  string
	Since time.Time
}

// Version tells a registration from the next one of the same name; 0 is none.
// Nothing of a registration changes.
func (s Service) Version() int {
	if s.Since.IsZero() {
		return 0
	}
	return int(s.Since.UnixMicro())
}

// MaxServiceName is the longest name of a service, in characters.
const MaxServiceName = 64

// PutService registers a service in an active cloud; one that is registered
// stays as it is. A registration and a deletion that meet are decided by the
// cloud's version: both count services on the cloud itself. NotFound, Conflict.
func (u *Clouds) PutService(ctx context.Context, organizationID, id, name string, ifMatch func(version int) error) (s Service, created bool, err error) {
	err = u.withService(ctx, organizationID, id, name, ifMatch, func(c Cloud, found Service, there bool) error {
		if s, created = found, !there; there {
			return nil
		}
		if c.State != Active {
			return Errorf(Conflict, "The custom cloud is %s; services can be registered only while it is active.", c.State)
		}
		s = Service{OrganizationID: organizationID, CloudID: id, Name: name, Since: u.Now().UTC()}
		return u.Store.AddService(ctx, c, s)
	})
	return s, created, err
}

// RemoveService takes a service out of its cloud, whatever state that is in.
// NotFound.
func (u *Clouds) RemoveService(ctx context.Context, organizationID, id, name string, ifMatch func(version int) error) (s Service, err error) {
	err = u.withService(ctx, organizationID, id, name, ifMatch, func(c Cloud, found Service, there bool) error {
		if s = found; !there {
			return noService()
		}
		return u.Store.RemoveService(ctx, c, s)
	})
	return s, err
}

// FindService reads one. NotFound, also where the cloud is unknown.
func (u *Clouds) FindService(ctx context.Context, organizationID, id, name string) (Service, error) {
	s, there, err := u.Store.FindService(ctx, organizationID, id, name)
	if err == nil && !there {
		err = noService()
	}
	return s, err
}

func (u *Clouds) withService(ctx context.Context, organizationID, id, name string, ifMatch func(version int) error, f func(Cloud, Service, bool) error) error {
	_, err := retryStale(func() (Cloud, error) {
		c, err := u.Store.Find(ctx, organizationID, id)
		if err != nil {
			return c, err
		}
		s, there, err := u.Store.FindService(ctx, organizationID, id, name)
		if err != nil {
			return c, err
		}
		if err := ifMatch(s.Version()); err != nil {
			return c, err
		}
		return c, f(c, s, there)
	})
	return err
}

func noService() error {
	return Errorf(NotFound, "No service of that name is registered in this custom cloud.")
}

// vacant refuses to delete a cloud in which services live.
func vacant(c Cloud) error {
	if c.Services == 0 {
		return nil
	}
	services := "1 service is"
	if c.Services > 1 {
		services = fmt.Sprintf("%d services are", c.Services)
	}
	return Errorf(Conflict, "%s placed in this custom cloud. Delete or move them first, then delete the custom cloud.", services)
}
