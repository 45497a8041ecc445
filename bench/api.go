package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"byoc/shared/function"
)

const (
	// apiBlocks of apiRounds each: a figure is a block's median.
	apiBlocks = 30
	apiRounds = 60
	// allocationRounds is how often what is allocated is measured.
	allocationRounds = 3
	// apiLimit is the handler's time over that of its SDK calls alone.
	apiLimit = 1.25

	cloudsPath = "/v1/organization/" + organizationID + "/custom-cloud-environments"
)

// apiRequests are measured in an organization of a hundred clouds.
func apiRequests() map[string]request {
	return map[string]request{
		"GET":         {"GET", cloudsPath + "/" + cloudID(0), "", ""},
		"list of 100": {"GET", cloudsPath, "limit=100", ""},
		"create": {"POST", cloudsPath, "", `{"cloud_provider":"aws","cloud_region":"eu-west-1","deployment_model":"standard","display_name":"New",` +
			`"reserved_cidr":"10.99.0.0/16","contact_emails":[{"email":"ops@customer.example","real_name":"Ops","role":"SRE"}]}`},
		"update": {"PUT", cloudsPath + "/" + cloudID(0), "", `{"display_name":"Another name","tags":{"team":"data"}}`},
	}
}

var apiOrder = []string{"GET", "list of 100", "create", "update"}

// apiHandler measures the handler in this process against its own SDK calls.
func apiHandler(ctx context.Context, _ *world) (group, error) {
	g := group{method: fmt.Sprintf(
		"The handler as Lambda calls it (event in, event out), in this process, against a stub of DynamoDB and EventBridge in another that answers at once. Beside each request the SDK calls that it makes are made bare, with the same inputs, by the same clients, each as often after itself as after the other; what they answer is not read into structs. Garbage is collected for both as in a function. Each value is the median of a block of %d, n blocks. Token and organization are known, as they are for 30 seconds. Allocations are the process's, an average of %d requests. Read and write units are computed from the sizes of the items, as DynamoDB does, those of the index left out. An update renames a cloud and changes its tags.",
		apiRounds, apiRounds)}
	// As in a function, for the bare calls too.
	defer debug.SetGCPercent(debug.SetGCPercent(function.GCPercent))
	config, err := stubConfig()
	if err != nil {
		return g, err
	}
	p, db, err := grownTable(ctx, config, []int{100})
	if err != nil {
		return g, err
	}
	defer p.stop()
	config.BaseEndpoint = &p.url
	bus := eventbridgeclient.NewFromConfig(config)
	handler, err := newGateway(config, db, bus)
	if err != nil {
		return g, err
	}
	noted := &replay{db: db, bus: bus}
	noting, err := newGateway(config, noted, noted)
	if err != nil {
		return g, err
	}
	requests := apiRequests()
	var units, allocations []figure
	for _, name := range apiOrder {
		r := requests[name]
		// So that token and organization are known.
		if err := noting.do(ctx, requests["GET"]); err != nil {
			return g, err
		}
		noted.calls = nil
		if err := noting.do(ctx, r); err != nil {
			return g, err
		}
		bare := &replay{calls: noted.calls}
		ours := handler.doing(r)
		handlerTimes, bareTimes, err := sideBySide(ctx, ours, bare.run)
		if err != nil {
			return g, err
		}
		g.add(figure{name: name + ", handler", unit: "ms", values: handlerTimes})
		g.add(figure{name: fmt.Sprintf("%s, its %d SDK calls bare", name, len(bare.calls)), unit: "ms", values: bareTimes})
		g.add(figure{name: name + ", handler ÷ bare", unit: "ratio", values: ratios(handlerTimes, bareTimes), limit: apiLimit})
		if _, err := p.counts(); err != nil {
			return g, err
		}
		if err := ours(ctx); err != nil {
			return g, err
		}
		counted, err := p.counts()
		if err != nil {
			return g, err
		}
		units = append(units,
			figure{name: name + ", read units", unit: "units", values: []float64{counted.Read}},
			figure{name: name + ", write units", unit: "units", values: []float64{counted.Write}},
			figure{name: name + ", events", unit: "events", values: []float64{float64(counted.Calls["PutEvents"])}})
		var objects, bareObjects, kb []float64
		for range allocationRounds {
			o, bytes, err := allocated(ctx, ours)
			if err != nil {
				return g, err
			}
			bareO, _, err := allocated(ctx, bare.run)
			if err != nil {
				return g, err
			}
			objects, bareObjects, kb = append(objects, o), append(bareObjects, bareO), append(kb, bytes/1000)
		}
		allocations = append(allocations,
			figure{name: name + ", allocations per request", unit: "objects", values: objects},
			figure{name: name + ", of them the bare SDK calls'", unit: "objects", values: bareObjects},
			figure{name: name + ", allocated per request", unit: "kB", values: kb})
	}
	g.figures = append(append(g.figures, units...), allocations...)
	return g, nil
}

// sideBySide does both in turn, and answers the medians of blocks, in ms.
func sideBySide(ctx context.Context, a, b func(context.Context) error) (timesA, timesB []float64, err error) {
	for block := range apiBlocks + 1 {
		var as, bs []float64
		type turn struct {
			do    func(context.Context) error
			times *[]float64
		}
		ours, bare := turn{a, &as}, turn{b, &bs}
		// Each comes as often after itself as after the other: a call is quicker
		// right after another than after a pause for work.
		for range apiRounds / 2 {
			for _, one := range []turn{ours, bare, bare, ours} {
				began := time.Now()
				if err := one.do(ctx); err != nil {
					return nil, nil, err
				}
				*one.times = append(*one.times, time.Since(began).Seconds()*1000)
			}
		}
		// The first block warms up.
		if block > 0 {
			timesA, timesB = append(timesA, median(as)), append(timesB, median(bs))
		}
	}
	return timesA, timesB, nil
}

// allocated answers objects and bytes per call.
func allocated(ctx context.Context, do func(context.Context) error) (objects, bytes float64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range apiRounds {
		if err := do(ctx); err != nil {
			return 0, 0, err
		}
	}
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / apiRounds), float64((after.TotalAlloc - before.TotalAlloc) / apiRounds), nil
}
