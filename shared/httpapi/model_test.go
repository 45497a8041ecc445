package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"byoc/shared/cloud"
)

// op is one operation of the history, on one cloud.
type op struct {
	// kind is rename, permit, provision, delete, read, place, take (a service),
	// checks, ready or failed (the state machine's).
	kind string
	arg  string
	// attempt is the one that the state machine works for.
	attempt int

	status int
	seen   model
	// wrote is the version that it made; 0 where it wrote nothing.
	wrote int
	// before is the newest version that was answered before it began; after is
	// the newest one when it had ended.
	before, after int
}

// drawing makes operations on a cloud that is being created, or is active: only
// in that one services are placed.
func drawing(active bool) *rapid.Generator[[]op] {
	kinds := rapid.SampledFrom([]string{"read", "rename", "rename", "rename", "permit", "permit", "permit", "provision", "delete", "place", "place", "take", "checks", "checks", "ready", "ready", "failed"})
	if active {
		kinds = rapid.SampledFrom([]string{"read", "rename", "permit", "delete", "place", "place", "place", "place", "take", "take", "take", "take", "provision", "failed"})
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) op {
		o := op{kind: kinds.Draw(t, "kind"), attempt: rapid.IntRange(1, 2).Draw(t, "attempt")}
		switch o.kind {
		case "rename":
			o.arg = rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "name")
		case "permit":
			o.arg = rapid.SampledFrom([]string{"acc-acme", "unit-1"}).Draw(t, "account")
		case "place", "take":
			o.arg = rapid.SampledFrom([]string{"pg", "kafka"}).Draw(t, "service")
		}
		return o
	}), 7, 11)
}

// gaveUp stands for a status: an operation that found the cloud changed each
// time it tried.
const gaveUp = -1

// model is a cloud as its clients see it.
type model struct {
	name, accounts string
	state          cloud.State
	attempt        int
	services       string
}

// apply is what a whole operation does to a cloud: the specification.
func (m model) apply(o op) (model, int) {
	services := strings.Fields(m.services)
	frozen := m.state == cloud.Deleting || m.state == cloud.Deleted
	run := o.attempt == m.attempt
	switch o.kind {
	case "rename":
		if m.name != o.arg && frozen {
			return m, 409
		}
		m.name = o.arg
	case "permit":
		if m.accounts != o.arg && frozen {
			return m, 409
		}
		m.accounts = o.arg
	case "provision":
		switch m.state {
		case cloud.CreationFailed:
			m.state, m.attempt = cloud.Validating, m.attempt+1
		case cloud.Validating, cloud.Creating:
		default:
			return m, 409
		}
	case "delete":
		switch {
		case frozen:
		case len(services) > 0:
			return m, 409
		default:
			m.state, m.attempt = cloud.Deleting, m.attempt+1
		}
	case "place":
		if slices.Contains(services, o.arg) {
			return m, 200
		}
		if m.state != cloud.Active {
			return m, 409
		}
		services = append(services, o.arg)
		slices.Sort(services)
		m.services = strings.Join(services, " ")
		return m, 201
	case "take":
		if !slices.Contains(services, o.arg) {
			return m, 404
		}
		m.services = strings.Join(slices.DeleteFunc(services, func(s string) bool { return s == o.arg }), " ")
	case "checks":
		if !run || m.state != cloud.Validating && m.state != cloud.Creating {
			return m, 410
		}
		m.state = cloud.Creating
	case "ready":
		if !run || m.state != cloud.Creating {
			return m, 410
		}
		m.state = cloud.Active
	case "failed":
		switch {
		case run && (m.state == cloud.Validating || m.state == cloud.Creating):
			m.state = cloud.CreationFailed
		case run && m.state == cloud.Deleting:
			m.state = cloud.DeletionFailed
		default:
			return m, 410
		}
	}
	return m, 200
}

// meetings is what a test of things that happen at once has seen of them.
type meetings struct {
	// written: operations that wrote. refused: by the state that another had
	// made. stale: writes that others were in the way of; staleServices: those of
	// services among them.
	written, refused, stale, staleServices int
}

func (m *meetings) add(h *history) {
	m.stale += h.stale
	m.staleServices += h.staleServices
	for _, o := range h.ops {
		switch {
		case o.wrote != 0:
			m.written++
		case o.status == http.StatusConflict || o.status == http.StatusGone:
			m.refused++
		}
	}
}

func (m *meetings) enough() bool {
	return m.written >= 30 && m.refused >= 15 && m.stale >= 10 && m.staleServices >= 3
}
