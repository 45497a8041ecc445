package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
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
	watchWidth int = cost.Width
	watchEvery     = time.Hour
	lookTakes      = time.Duration(cost.LookSeconds * 1e9)
)

// watchRounds is how often all of them are looked at.
const watchRounds = 3

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

// putOff notes which clouds the table took as due again in an hour, less the
// tenth over which looks are spread.
type putOff struct {
	*dynamo.Table
	mu     sync.Mutex
	clouds map[string]bool
}

func (p *putOff) Postpone(ctx context.Context, ref cloud.Ref, fence cloud.Fence, until time.Time) error {
	if err := p.Table.Postpone(ctx, ref, fence, until); err != nil {
		return err
	}
	if in := time.Until(until).Round(time.Minute); in > watchEvery || in < watchEvery*9/10 {
		return fmt.Errorf("cloud %s is looked at again in %s", ref.CloudID, in)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clouds[ref.CloudID] = true
	return nil
}

// watchMany measures one look at each of many clouds that are all due.
func watchMany(ctx context.Context, _ *world) (group, error) {
	g := group{method: fmt.Sprintf(
		"%d active custom clouds in as many accounts, all due at once, worked off by sixteen invocations side by side as the sixteen schedules make them, each looking at %d accounts at once, n times over the same table, all on this machine. The table is a stub, and a look is a wait of %s, the time of %d calls of %.1f s in a row: it makes no calls and writes no record of them, so neither is in these figures. The ideal is that time for as many turns as there have to be. What 100,000 clouds take and cost is a model: [docs/watch-cost.md](../docs/watch-cost.md), whose test computes it anew.",
		watchedClouds, watchWidth, lookTakes, cost.CallsPerLook, cost.CallSeconds)}
	config, err := stubConfig()
	if err != nil {
		return g, err
	}
	p, db, err := grownTable(ctx, config, slices.Repeat([]int{watchedClouds / 40}, 40))
	if err != nil {
		return g, err
	}
	defer p.stop()
	config.BaseEndpoint = &p.url
	ideal := cost.LookingSeconds(watchedClouds / dynamo.Shards)
	var again, updates, times, over, calls, callsEach, readsEach []float64
	for range watchRounds {
		clouds, took, err := watchAll(ctx, config, db)
		if err != nil {
			return g, err
		}
		// What was asked since the round before.
		counted, err := p.counts()
		if err != nil {
			return g, err
		}
		if counted.Read == 0 {
			return g, errors.New("the stub counted no read units")
		}
		again = append(again, float64(clouds))
		updates = append(updates, float64(counted.Calls["UpdateItem"]))
		times = append(times, took.Seconds())
		over = append(over, took.Seconds()/ideal)
		calls = append(calls, counted.total())
		callsEach = append(callsEach, counted.total()/watchedClouds)
		readsEach = append(readsEach, counted.Read/watchedClouds)
	}
	g.add(figure{name: "clouds made due again in 54 to 60 minutes", unit: "clouds", values: again, exactly: new(float64(watchedClouds))})
	g.add(figure{name: "table calls that do so (UpdateItem)", unit: "calls", values: updates, exactly: new(float64(watchedClouds))})
	g.add(figure{name: "all of them", unit: "s", values: times})
	g.add(figure{name: "÷ the looks' own time", unit: "ratio", values: over})
	g.add(figure{name: "table calls", unit: "calls", values: calls})
	g.add(figure{name: "table calls per cloud", unit: "calls", values: callsEach})
	g.add(figure{name: "read units per cloud", unit: "units", values: readsEach, limit: cost.LookReads})
	return g, nil
}

// watchAll has every part worked off at once, and answers how many clouds were
// looked at and made due again, and the time.
func watchAll(ctx context.Context, config aws.Config, db *dynamodb.Client) (int, time.Duration, error) {
	table := &putOff{Table: dynamo.New(db, tableName), clouds: map[string]bool{}}
	log := slog.New(slog.DiscardHandler)
	machine := "arn:aws:states:eu-west-1:111111111111:stateMachine:machine"
	runs := stepfunctions.New(sfn.NewFromConfig(config), machine, machine)
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(config), "bus")
	w := &watch.Watcher{
		Store: table, Runs: runs, Events: bus,
		Clouds:   &cloud.Clouds{Store: table, Runs: runs, Events: bus, Now: time.Now, Log: log},
		Checks:   watch.Checks{Looker: slowLooker{}, Every: watchEvery, Confirm: time.Minute, Width: watchWidth},
		OnRecord: network.OnRecord, Shards: dynamo.Shards, Now: time.Now, Log: log,
		Metrics: measure.Metrics{Namespace: "bench", Function: "watch", Now: time.Now},
	}
	began := time.Now()
	var parts errgroup.Group
	for i := range dynamo.Shards {
		parts.Go(func() error { return w.Handle(ctx, watch.Part{Part: i, Of: dynamo.Shards}) })
	}
	err := parts.Wait()
	return len(table.clouds), time.Since(began), err
}
