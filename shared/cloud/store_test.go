package cloud_test

import (
	"context"

	"byoc/shared/cloud"
)

// store keeps clouds in memory, with the conditions that cloud.Store promises.
type store struct {
	clouds map[string]cloud.Cloud
	events []cloud.Event
	kept   []cloud.Kept
	// services by cloud and name.
	services map[string]cloud.Service
	// interfere runs before a write, as another writer would.
	interfere func(*store)
}

func newStore() *store {
	return &store{clouds: map[string]cloud.Cloud{}, services: map[string]cloud.Service{}}
}

func (s *store) Find(_ context.Context, org, id string) (cloud.Cloud, error) {
	c, ok := s.clouds[id]
	if !ok || c.OrganizationID != org {
		return cloud.Cloud{}, cloud.Errorf(cloud.NotFound, "no such cloud")
	}
	return c, nil
}

func (s *store) List(context.Context, string, cloud.Page) ([]cloud.Cloud, string, error) {
	return nil, "", nil
}

func (s *store) Create(_ context.Context, c cloud.Cloud, e cloud.Event, kept ...cloud.Kept) error {
	s.clouds[c.ID] = c
	s.kept = append(s.kept, kept...)
	s.events = append(s.events, e)
	return nil
}

func (s *store) Save(_ context.Context, before, after cloud.Cloud, events []cloud.Event, kept ...cloud.Kept) (cloud.Cloud, error) {
	if f := s.interfere; f != nil {
		s.interfere = nil
		f(s)
	}
	if s.clouds[before.ID].Version != before.Version {
		return cloud.Cloud{}, cloud.Errorf(cloud.Stale, "changed in between")
	}
	after.Version = before.Version + 1
	s.clouds[before.ID] = after
	s.kept = append(s.kept, kept...)
	s.events = append(s.events, events...)
	return after, nil
}

func (s *store) Remove(_ context.Context, c cloud.Cloud, e cloud.Event) error {
	if s.clouds[c.ID].Version != c.Version {
		return cloud.Errorf(cloud.Stale, "changed in between")
	}
	delete(s.clouds, c.ID)
	s.events = append(s.events, e)
	return nil
}

func (s *store) CreateRequest(_ context.Context, _ cloud.Request, e cloud.Event, kept ...cloud.Kept) error {
	s.events, s.kept = append(s.events, e), append(s.kept, kept...)
	return nil
}

func (s *store) FindService(_ context.Context, _, id, name string) (cloud.Service, bool, error) {
	v, ok := s.services[id+"/"+name]
	return v, ok, nil
}

func (s *store) AddService(ctx context.Context, c cloud.Cloud, v cloud.Service) error {
	return s.countService(ctx, c, +1, func() { s.services[v.CloudID+"/"+v.Name] = v })
}

func (s *store) RemoveService(ctx context.Context, c cloud.Cloud, v cloud.Service) error {
	return s.countService(ctx, c, -1, func() { delete(s.services, v.CloudID+"/"+v.Name) })
}

func (s *store) countService(ctx context.Context, c cloud.Cloud, by int, write func()) error {
	after := c
	after.Services += by
	_, err := s.Save(ctx, c, after, nil)
	if err == nil {
		write()
	}
	return err
}

func (s *store) MarkPublished(context.Context, cloud.Event) error { return nil }
