package dynamo

import "byoc/shared/cloud"

// networkItem is what runs write: the fence, the steps, the lease. Its state
// and attempt change with the cloud's, in one transaction.
type networkItem struct {
	PK             string              `dynamodbav:"pk"`
	SK             string              `dynamodbav:"sk"`
	Entity         string              `dynamodbav:"entity"`
	State          string              `dynamodbav:"state"`
	Attempt        int                 `dynamodbav:"attempt"`
	Zones          []zoneItem          `dynamodbav:"zones,omitempty"`
	IngressRules   []ingressRuleItem   `dynamodbav:"ingress_rules,omitempty"`
	Steps          map[string]stepItem `dynamodbav:"steps"`
	Leftovers      []leftoverItem      `dynamodbav:"leftovers,omitempty"`
	CreateCalled   bool                `dynamodbav:"create_called"`
	EmptySweeps    int                 `dynamodbav:"empty_sweeps"`
	LastEmptySweep string              `dynamodbav:"last_empty_sweep,omitempty"`
	Defects        []defectItem        `dynamodbav:"defects,omitempty"`
	Disconnected   string              `dynamodbav:"disconnected_since,omitempty"`
	DriftTold      bool                `dynamodbav:"drift_told,omitempty"`
	Failure        string              `dynamodbav:"failure,omitempty"`
	Template       int                 `dynamodbav:"applied_template,omitempty"`
	TemplateEdits  string              `dynamodbav:"template_edits,omitempty"`
	LeaseOwner     string              `dynamodbav:"lease_owner,omitempty"`
	LeaseUntil     string              `dynamodbav:"lease_until,omitempty"`
	DueShard       string              `dynamodbav:"due_shard,omitempty"`
	DueAt          string              `dynamodbav:"due_at,omitempty"`
}

type zoneItem struct {
	ID       string `dynamodbav:"id"`
	Name     string `dynamodbav:"name"`
	Bastion  string `dynamodbav:"bastion"`
	Workload string `dynamodbav:"workload"`
}

type leftoverItem struct {
	Kind    string `dynamodbav:"kind"`
	ID      string `dynamodbav:"id"`
	Step    string `dynamodbav:"step,omitempty"`
	Reason  string `dynamodbav:"reason,omitempty"`
	Command string `dynamodbav:"command,omitempty"`
}

type defectItem struct {
	Reason   string `dynamodbav:"reason"`
	Subject  string `dynamodbav:"subject,omitempty"`
	Property string `dynamodbav:"property,omitempty"`
	Message  string `dynamodbav:"message"`
	Since    string `dynamodbav:"since"`
}

type stepItem struct {
	State      string `dynamodbav:"state"`
	ResourceID string `dynamodbav:"resource_id,omitempty"`
	Generation int    `dynamodbav:"generation"`
	Reason     string `dynamodbav:"reason,omitempty"`
	StartedAt  string `dynamodbav:"started_at,omitempty"`
	EndedAt    string `dynamodbav:"ended_at,omitempty"`
}

func newNetworkItem(c cloud.Cloud) networkItem {
	n := c.Network
	k := networkKey(c.OrganizationID, c.ID)
	// A step is set in a map that has to be there, so it is never left out.
	steps := map[string]stepItem{}
	for name, s := range n.Steps {
		steps[name] = newStepItem(s)
	}
	item := networkItem{
		PK: k.pk, SK: k.sk, Entity: "network", State: string(c.State), Attempt: c.Attempt,
		Zones: newZoneItems(n.Zones), IngressRules: newIngressRuleItems(n.IngressRules), Steps: steps, Leftovers: newLeftoverItems(n.Leftovers),
		CreateCalled: n.CreateCalled, EmptySweeps: n.EmptySweeps,
		LastEmptySweep: formatTime(n.LastEmptySweep), Defects: newDefectItems(n.Defects), Failure: n.Failure,
		Disconnected: formatTime(n.DisconnectedSince), DriftTold: n.DriftTold,
		Template: c.Template.Version, TemplateEdits: c.Template.Edits, LeaseOwner: n.Lease.Owner, LeaseUntil: formatTime(n.Lease.Until),
	}
	if at := dueFrom(c); !at.IsZero() {
		item.DueShard, item.DueAt = shardOf(c.ID), formatTime(at)
	}
	return item
}

// readFence reads a networkItem's fence.
func readFence(r *reader) cloud.Fence {
	return cloud.Fence{State: cloud.State(r.text("state")), Attempt: r.number("attempt")}
}

func readTemplate(r *reader) cloud.SeenTemplate {
	return cloud.SeenTemplate{Version: r.number("applied_template"), Edits: r.text("template_edits")}
}

func readNetwork(r *reader) cloud.Network {
	return cloud.Network{
		Zones:        readZones(r),
		IngressRules: listOf(r, "ingress_rules", readIngressRule),
		Steps:        readSteps(r),
		Leftovers: listOf(r, "leftovers", func(r *reader) cloud.Leftover {
			return cloud.Leftover{Kind: r.text("kind"), ID: r.text("id"), Step: r.text("step"), Reason: r.text("reason"), Command: r.text("command")}
		}),
		CreateCalled: r.flag("create_called"), EmptySweeps: r.number("empty_sweeps"), LastEmptySweep: r.time("last_empty_sweep"),
		Defects: listOf(r, "defects", func(r *reader) cloud.Defect {
			return cloud.Defect{
				Reason: cloud.Reason(r.text("reason")), Subject: r.text("subject"), Property: r.text("property"),
				Message: r.text("message"), Since: r.time("since"),
			}
		}),
		Failure: r.text("failure"), DisconnectedSince: r.time("disconnected_since"), DriftTold: r.flag("drift_told"),
		Lease: cloud.Lease{Owner: r.text("lease_owner"), Until: r.time("lease_until")},
	}
}

func readZones(r *reader) []cloud.Zone {
	return listOf(r, "zones", func(r *reader) cloud.Zone {
		return cloud.Zone{ID: r.text("id"), Name: r.text("name"), Bastion: r.text("bastion"), Workload: r.text("workload")}
	})
}

// readSteps answers nil where there are none, as a cloud has it before its first run.
func readSteps(r *reader) map[string]cloud.Step {
	fields := r.fields("steps", r.item["steps"])
	if len(fields) == 0 {
		return nil
	}
	steps := make(map[string]cloud.Step, len(fields))
	var known times
	for key, v := range fields {
		s := cloud.Step{Key: key}
		for name, v := range r.fields(key, v) {
			switch name {
			case "state":
				s.State = cloud.StepState(r.asText(name, v))
			case "resource_id":
				s.ResourceID = r.asText(name, v)
			case "generation":
				s.Generation = r.asNumber(name, v)
			case "reason":
				s.Reason = r.asText(name, v)
			case "started_at":
				s.StartedAt = known.parse(r.asText(name, v))
			case "ended_at":
				s.EndedAt = known.parse(r.asText(name, v))
			}
		}
		steps[key] = s
	}
	return steps
}

func (i stepItem) step(key string) cloud.Step {
	return cloud.Step{
		Key: key, State: cloud.StepState(i.State), ResourceID: i.ResourceID,
		Generation: i.Generation, Reason: i.Reason,
		StartedAt: parseTime(i.StartedAt), EndedAt: parseTime(i.EndedAt),
	}
}

func newStepItem(s cloud.Step) stepItem {
	return stepItem{
		State: string(s.State), ResourceID: s.ResourceID, Generation: s.Generation,
		Reason: s.Reason, StartedAt: formatTime(s.StartedAt), EndedAt: formatTime(s.EndedAt),
	}
}

func newDefectItems(list []cloud.Defect) []defectItem {
	return each(list, func(d cloud.Defect) defectItem {
		return defectItem{string(d.Reason), d.Subject, d.Property, d.Message, formatTime(d.Since)}
	})
}

func defects(items []defectItem) []cloud.Defect {
	return each(items, func(i defectItem) cloud.Defect {
		return cloud.Defect{Reason: cloud.Reason(i.Reason), Subject: i.Subject, Property: i.Property, Message: i.Message, Since: parseTime(i.Since)}
	})
}

func newZoneItems(zones []cloud.Zone) []zoneItem {
	return each(zones, func(z cloud.Zone) zoneItem { return zoneItem(z) })
}

func newLeftoverItems(leftovers []cloud.Leftover) []leftoverItem {
	return each(leftovers, func(l cloud.Leftover) leftoverItem { return leftoverItem(l) })
}
