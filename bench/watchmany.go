package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/sync/errgroup"

	"byoc/bench/cost"
	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/measure"
	"byoc/shared/network"
	"byoc/shared/stepfunctions"
	"byoc/shared/watch"
)

const (
	watchedClouds = 2000
	// watchWidth is functions/watch's.
	watchWidth = 64
	// lookTakes is cost.CallsPerLook calls of 0.2 s, one after another.
	lookTakes = cost.CallsPerLook * 200 * time.Millisecond
)

// slowLooker is an account that answers, in its time, that all is well.
type slowLooker struct{}

func (slowLooker) Look(ctx context.Context, _ cloud.Cloud, _ string) (watch.Look, error) {
	select {
	case <-ctx.Done():
		return watch.Look{}, ctx.Err()
	case <-time.After(lookTakes):
		return watch.Look{}, nil
	}
}

// watchMany measures one look at each of many clouds that are all due.
func watchMany(ctx context.Context, _ *world) (group, error) {
	g := group{method: fmt.Sprintf(
		"%d active custom clouds in as many accounts, all due at once, worked off by sixteen invocations side by side as the sixteen schedules make them, each looking at %d accounts at once; the table is a stub, and an account takes %s, %d calls of 0.2 s in a row, to answer that all is well. The ideal is that time for as many turns as there have to be. What 100,000 clouds take and cost is a model: [docs/watch-cost.md](../docs/watch-cost.md), whose test computes it anew.",
		watchedClouds, watchWidth, lookTakes, cost.CallsPerLook)}
	config, err := stubConfig()
	if err != nil {
		return g, err
	}
	var clouds []int
	for range 40 {
		clouds = append(clouds, watchedClouds/40)
	}
	p, db, err := grownTable(ctx, config, clouds)
	if err != nil {
		return g, err
	}
	defer p.stop()
	config.BaseEndpoint = &p.url
	table := dynamo.New(db, tableName)
	log := slog.New(slog.DiscardHandler)
	metrics := measure.Metrics{Namespace: "bench", Function: "watch", Now: time.Now}
	machine := "arn:aws:states:eu-west-1:111111111111:stateMachine:machine"
	runs := stepfunctions.New(sfn.NewFromConfig(config), machine, machine)
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(config), "bus")
	w := &watch.Watcher{
		Store: table, Runs: runs, Events: bus,
		Clouds:   &cloud.Clouds{Store: table, Runs: runs, Events: bus, Now: time.Now, Log: log},
		Checks:   watch.Checks{Looker: slowLooker{}, Every: time.Hour, Confirm: time.Minute, Width: watchWidth},
		OnRecord: network.OnRecord, Shards: dynamo.Shards, Now: time.Now, Log: log, Metrics: metrics,
	}
	began := time.Now()
	var parts errgroup.Group
	for i := range dynamo.Shards {
		parts.Go(func() error { return w.Handle(ctx, watch.Part{Part: i, Of: dynamo.Shards}) })
	}
	if err := parts.Wait(); err != nil {
		return g, err
	}
	took := time.Since(began)
	counted, err := p.counts()
	if err != nil {
		return g, err
	}
	each := watchedClouds / dynamo.Shards
	turns := (each + watchWidth - 1) / watchWidth
	ideal := time.Duration(turns) * lookTakes
	g.add(figure{name: "clouds looked at, and due again in an hour", unit: "clouds", values: []float64{float64(counted.Calls["UpdateItem"])}, exactly: new(float64(watchedClouds))})
	g.add(figure{name: "all of them", unit: "s", values: []float64{took.Seconds()}})
	g.add(figure{name: "÷ the accounts' own time", unit: "ratio", values: []float64{took.Seconds() / ideal.Seconds()}})
	g.add(figure{name: "table calls", unit: "calls", values: []float64{counted.total()}})
	g.add(figure{name: "table calls per cloud", unit: "calls", values: []float64{counted.total() / watchedClouds}})
	g.add(figure{name: "read units per cloud", unit: "units", values: []float64{counted.Read / watchedClouds}, limit: cost.LookReads})
	g.add(figure{name: "calls in customers' accounts, by the model", unit: "calls", values: []float64{watchedClouds * cost.CallsPerLook}})
	return g, nil
}
