package cost

import (
	"strings"
	"testing"

	"byoc/shared/cloud"
	"byoc/shared/network"
)

const results = `
| provision, state transitions | states | 3 | 17 | 18 | 19 | ≤ 25 |
| deletion, state transitions | states | 1 | 17 | 17 | 17 | ≤ 25 |
| provision, function calls | calls | 1 | 6 | 6 | 6 |  |
| provision, function time | s | 3 | 5.800 | 6.186 | 7.120 |  |
| provision, table updates | calls | 1 | 55 | 55 | 55 |  |
| provision, table transactions | calls | 1 | 2 | 2 | 2 |  |
| provision, table puts | calls | 1 | 44 | 44 | 44 |  |
| provision, table reads | calls | 1 | 79 | 79 | 79 |  |
| deletion, function calls | calls | 1 | 5 | 5 | 5 |  |
| deletion, function time | s | 1 | 4.296 | 4.296 | 4.296 |  |
| deletion, table updates | calls | 1 | 62 | 62 | 62 |  |
| deletion, table transactions | calls | 1 | 1 | 1 | 1 |  |
| deletion, table puts | calls | 1 | 43 | 43 | 43 |  |
| deletion, table reads | calls | 1 | 73 | 73 | 73 |  |
| update, handler | ms | 30 | 1.009 | 1.280 | 1.464 |  |
| update, its 2 SDK calls bare | ms | 30 | 0.795 | 1.052 | 1.211 |  |
| update, read units | units | 1 | 4 | 4 | 4 |  |
| update, write units | units | 1 | 8 | 8 | 8 |  |
| update, events | events | 1 | 1 | 1 | 1 |  |
`

func TestARequestIsWhatTheResultsCountOfIt(t *testing.T) {
	got, err := Request{Name: "update", Index: 3}.Measured(results)
	if want := (Request{Name: "update", HandlerMS: 1.28, Calls: 2, Reads: 4, Writes: 8, Index: 3, Events: 1}); err != nil || got != want {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
	for _, row := range []string{"update, handler", "update, its 2 SDK calls", "update, read units", "update, write units", "update, events"} {
		if _, err := (Request{Name: "update"}).Measured(strings.Replace(results, row, "another row", 1)); err == nil {
			t.Errorf("without %q there is a request", row)
		}
	}
}

func TestAllThatIsCountedOfARequestIsPaidFor(t *testing.T) {
	base := Update.Work().Dollars()
	for what, more := range map[string]func(*Request){
		"milliseconds": func(r *Request) { r.HandlerMS++ }, "calls": func(r *Request) { r.Calls++ }, "reads": func(r *Request) { r.Reads++ },
		"writes": func(r *Request) { r.Writes++ }, "index entries": func(r *Request) { r.Index++ }, "events": func(r *Request) { r.Events++ },
	} {
		r := Update
		if more(&r); r.Work().Dollars() <= base {
			t.Errorf("more %s cost nothing", what)
		}
	}
}

func TestCountsAreTheMediansOfTheResults(t *testing.T) {
	provision, deletion, err := Measured(results)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counted{18, 6, 6.186, 55, 2, 44, 79}); provision != want {
		t.Errorf("a provision is %+v, want %+v", provision, want)
	}
	if want := (Counted{17, 5, 4.296, 62, 1, 43, 73}); deletion != want {
		t.Errorf("a deletion is %+v, want %+v", deletion, want)
	}
}

func TestWhatWasNotMeasuredHasNoCost(t *testing.T) {
	for _, row := range []string{"deletion, table reads", "provision, state transitions"} {
		if _, _, err := Measured(strings.Replace(results, row, "another row", 1)); err == nil {
			t.Errorf("without %q there are counts", row)
		}
	}
}

func TestAllThatIsCountedOfARunIsPaidFor(t *testing.T) {
	base := Provision.Work().Dollars()
	for what, more := range map[string]func(*Counted){
		"transitions": func(c *Counted) { c.Transitions++ }, "function calls": func(c *Counted) { c.FunctionCalls++ },
		"function seconds": func(c *Counted) { c.FunctionSeconds++ }, "updates": func(c *Counted) { c.Updates++ },
		"transactions": func(c *Counted) { c.Transactions++ }, "puts": func(c *Counted) { c.Puts++ }, "reads": func(c *Counted) { c.Reads++ },
	} {
		c := Provision
		if more(&c); c.Work().Dollars() <= base {
			t.Errorf("more %s cost nothing", what)
		}
	}
	none := Counted{Puts: steps}
	if w := none.Work(); w.APICalls != 1 || w.LambdaCalls != 1 || w.Events != 1 || w.Mails != 2 {
		t.Errorf("the request that starts a run is %+v", w)
	}
}

func TestTheStepsAreThoseOfThreeZones(t *testing.T) {
	zones := []cloud.Zone{{ID: "az1"}, {ID: "az2"}, {ID: "az3"}}
	if n := len(network.Steps(zones, cloud.NATPerZone)); n != steps {
		t.Errorf("a network has %d steps, a run is priced with %d", n, steps)
	}
}
