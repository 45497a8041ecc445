package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"byoc/shared/cloud"
)

const (
	// scaleLimit is between the medians of a handler at the two sizes, either way.
	scaleLimit = 1.2
	// pageMemoryLimit is between what a page takes at the two sizes, either way.
	pageMemoryLimit = 1.05
	// memoryRounds is how often what is allocated is measured, at both in turn.
	memoryRounds = 5
)

// sizes of the tables: one organization has all the clouds that it may have.
func sizes() (small, large []int) {
	const organizations, clouds = 2000, 100_000
	large = []int{cloud.MaxClouds}
	rest := clouds - cloud.MaxClouds
	for i := range organizations - 1 {
		n := rest / (organizations - 1)
		if i < rest%(organizations-1) {
			n++
		}
		large = append(large, n)
	}
	return []int{cloud.MaxClouds, 1000 - cloud.MaxClouds}, large
}

// table of one size, with the API over it.
type sized struct {
	process *stubProcess
	handler gateway
}

func newSized(ctx context.Context, clouds []int) (*sized, error) {
	config, err := stubConfig()
	if err != nil {
		return nil, err
	}
	p, db, err := grownTable(ctx, config, clouds)
	if err != nil {
		return nil, err
	}
	config.BaseEndpoint = &p.url
	handler, err := newGateway(config, db, eventbridgeclient.NewFromConfig(config))
	if err != nil {
		p.stop()
		return nil, err
	}
	return &sized{p, handler}, nil
}

// cost of a request in calls of the table and in read units, token and
// organization being known.
func (s *sized) cost(ctx context.Context, r request) (counts, error) {
	if err := s.handler.do(ctx, r); err != nil {
		return counts{}, err
	}
	if _, err := s.process.counts(); err != nil {
		return counts{}, err
	}
	if err := s.handler.do(ctx, r); err != nil {
		return counts{}, err
	}
	c, err := s.process.counts()
	if err == nil && (c.total() == 0 || c.Read == 0) {
		// Two zeros would be alike, and say nothing.
		err = fmt.Errorf("the stub counted %v calls and %v read units of %s %s", c.total(), c.Read, r.method, r.path)
	}
	return c, err
}

// allocatedSideBySide answers the bytes per request in kB, rounds of the two in
// turn, each of them first in every other round.
func allocatedSideBySide(ctx context.Context, a, b func(context.Context) error) (kbA, kbB []float64, err error) {
	type turn struct {
		do func(context.Context) error
		kb *[]float64
	}
	turns := []turn{{a, &kbA}, {b, &kbB}}
	for range memoryRounds {
		for _, one := range turns {
			_, bytes, err := allocated(ctx, one.do)
			if err != nil {
				return nil, nil, err
			}
			if bytes == 0 {
				return nil, nil, errors.New("no memory was counted")
			}
			*one.kb = append(*one.kb, bytes/1000)
		}
		slices.Reverse(turns)
	}
	return kbA, kbB, nil
}

func (s *sized) do(r request) func(context.Context) error {
	return func(ctx context.Context) error { return s.handler.do(ctx, r) }
}

// scale measures the API over 1,000 and over 100,000 custom clouds.
func scale(ctx context.Context, _ *world) (group, error) {
	smallSizes, largeSizes := sizes()
	g := group{method: fmt.Sprintf(
		"The same handler over two stubs, of 1,000 custom clouds and of 100,000 in 2,000 organizations; in both, the organization that is asked about has %d, the most that one may have. Requests alternate between the two; each time is the median of a block of %d, n blocks. Memory is the process's, an average of as many requests. Read units are computed from the sizes of the items that were read, as DynamoDB does; a call that the stub cannot count, as a Scan, fails the measurement. A stub finds an item in a map and a page by binary search, and answers at once: what is compared is our code, not DynamoDB.",
		cloud.MaxClouds, apiRounds)}
	small, err := newSized(ctx, smallSizes)
	if err != nil {
		return g, err
	}
	defer small.process.stop()
	large, err := newSized(ctx, largeSizes)
	if err != nil {
		return g, err
	}
	defer large.process.stop()
	for _, r := range []struct {
		name string
		request
	}{
		{"get", request{"GET", cloudsPath + "/" + cloudID(500), "", ""}},
		{"page of 100", request{"GET", cloudsPath, "limit=100", ""}},
		{"whole list", request{"GET", cloudsPath, "limit=1000", ""}},
	} {
		atSmall, err := small.cost(ctx, r.request)
		if err != nil {
			return g, err
		}
		atLarge, err := large.cost(ctx, r.request)
		if err != nil {
			return g, err
		}
		g.add(figure{name: r.name + ", table calls at 1,000", unit: "calls", values: []float64{atSmall.total()}})
		g.add(figure{name: r.name + ", table calls at 100,000", unit: "calls", values: []float64{atLarge.total()}, exactly: new(atSmall.total())})
		g.add(figure{name: r.name + ", read units at 1,000", unit: "units", values: []float64{atSmall.Read}})
		g.add(figure{name: r.name + ", read units at 100,000", unit: "units", values: []float64{atLarge.Read}, exactly: new(atSmall.Read)})
		if r.name != "whole list" {
			largeTimes, smallTimes, err := sideBySide(ctx, large.do(r.request), small.do(r.request))
			if err != nil {
				return g, err
			}
			g.add(figure{name: r.name + ", handler at 1,000", unit: "ms", values: smallTimes})
			g.add(figure{name: r.name + ", handler at 100,000", unit: "ms", values: largeTimes})
			g.add(figure{name: r.name + ", 100,000 ÷ 1,000", unit: "ratio", values: ratios(largeTimes, smallTimes), within: scaleLimit})
		}
		largeKB, smallKB, err := allocatedSideBySide(ctx, large.do(r.request), small.do(r.request))
		if err != nil {
			return g, err
		}
		g.add(figure{name: r.name + ", memory allocated for it at 1,000", unit: "kB", values: smallKB})
		g.add(figure{name: r.name + ", memory at 100,000 ÷ 1,000", unit: "ratio", values: ratios(largeKB, smallKB), within: pageMemoryLimit})
	}
	return g, nil
}

func (c counts) total() float64 {
	n := 0
	for _, calls := range c.Calls {
		n += calls
	}
	return float64(n)
}
