package networkproof

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"byoc/infra/local/inventory"
	"byoc/shared/cloud"
)

// exactlyOne holds an active cloud's account against its record: everything
// new is on record or came along with what is, and all together it looks as a
// network does that was made without any fault.
func (l *lab) exactlyOne(ctx context.Context, want []string) error {
	c, err := l.record(ctx)
	if err != nil {
		return err
	}
	now, err := l.inventory(ctx)
	if err != nil {
		return err
	}
	recorded := map[string]string{}
	for key, s := range c.Network.Steps {
		if s.State != cloud.StepReady {
			return fmt.Errorf("step %s of an active cloud is %s", key, s.State)
		}
		if s.ResourceID != "" {
			recorded[s.ResourceID] = key
		}
	}
	var untracked []string
	for _, id := range made(l.before, now) {
		if recorded[id] == "" {
			untracked = append(untracked, id)
		}
	}
	if len(untracked) > 0 {
		return leak{append([]string{"not on record:"}, untracked...)}
	}
	got := shape(c, inventory.Diff(l.before, now))
	if diff := difference(want, got); len(diff) > 0 {
		return leak{append([]string{"the network differs from one made without faults:"}, diff...)}
	}
	return nil
}

// made lists the ids of what one has to delete by itself to get from after
// back to before.
func made(before, after inventory.Inventory) []string {
	main := map[string]bool{}
	for _, t := range after.RouteTables {
		main[t.ID] = t.Main
	}
	for _, g := range after.SecurityGroups {
		main[g.ID] = g.Name == "default"
	}
	var ids []string
	for _, line := range inventory.Diff(before, after) {
		for _, kind := range []string{"vpc", "subnet", "internet gateway", "NAT gateway", "address", "route table", "security group"} {
			rest, ok := strings.CutPrefix(line, "+ "+kind+" ")
			id, _, _ := strings.Cut(rest, " ")
			if ok && strings.Contains(id, "-") && !main[id] {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

var (
	chance  = regexp.MustCompile(`\b(eni|eipassoc|rtbassoc|sgr|rtb|sg)-[0-9a-f]+`)
	address = regexp.MustCompile(`\bIP:[0-9.]+`)
	listed  = regexp.MustCompile(`(Subnets|Routes|Tags):(\S*)`)
)

// shape is a network without what chance gave it: ids become step names.
func shape(c cloud.Cloud, diff []string) []string {
	var pairs []string
	for key, s := range c.Network.Steps {
		if s.ResourceID != "" {
			pairs = append(pairs, s.ResourceID, key)
		}
	}
	pairs = append(pairs, cloud.Stem(c.ID), "STEM", c.ID, "CLOUD")
	replace := strings.NewReplacer(pairs...)
	var lines []string
	for _, line := range diff {
		line = chance.ReplaceAllString(replace.Replace(line), "$1")
		line = address.ReplaceAllString(line, "IP")
		line = listed.ReplaceAllStringFunc(line, func(list string) string {
			name, values, _ := strings.Cut(list, ":")
			parts := strings.Split(values, ",")
			slices.Sort(parts)
			return name + ":" + strings.Join(parts, ",")
		})
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// shapeOf the cloud's network.
func (l *lab) shapeOf(ctx context.Context, c cloud.Cloud) ([]string, error) {
	now, err := l.inventory(ctx)
	return shape(c, inventory.Diff(l.before, now)), err
}

// difference of two sorted lists.
func difference(want, got []string) []string {
	var lines []string
	count := map[string]int{}
	for _, w := range want {
		count[w]++
	}
	for _, g := range got {
		if count[g]--; count[g] < 0 {
			lines = append(lines, "more: "+g)
		}
	}
	for _, w := range want {
		if count[w] > 0 {
			count[w]--
			lines = append(lines, "less: "+w)
		}
	}
	return lines
}

// toldOf holds the list of what is left against the account.
func (l *lab) toldOf(ctx context.Context, c cloud.Cloud) error {
	now, err := l.inventory(ctx)
	if err != nil {
		return err
	}
	var told []string
	for _, left := range c.Network.Leftovers {
		told = append(told, left.ID)
	}
	slices.Sort(told)
	if diff := difference(made(l.before, now), told); len(diff) > 0 {
		return leak{append([]string{"the list of what is left differs from the account (less: not told of):"}, diff...)}
	}
	return nil
}
