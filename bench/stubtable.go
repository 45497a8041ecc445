package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"byoc/shared/dynamo"
)

// stubTable is partitions by their key.
type stubTable map[string]*partition

type partition struct {
	// keys in order; items by key, encoded as they were sent.
	keys  []string
	items map[string]item
}

type item struct {
	raw json.RawMessage
	// size in bytes as DynamoDB counts it.
	size int
}

type wireKey struct {
	PK struct{ S string } `json:"pk"`
	SK struct{ S string } `json:"sk"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (t stubTable) put(pk, sk string, raw []byte) {
	p := t[pk]
	if p == nil {
		p = &partition{items: map[string]item{}}
		t[pk] = p
	}
	if _, there := p.items[sk]; !there {
		at, _ := slices.BinarySearch(p.keys, sk)
		p.keys = slices.Insert(p.keys, at, sk)
	}
	p.items[sk] = item{raw, itemSize(raw)}
}

// learn keeps what is put; conditions and updates are not for it.
func (t stubTable) learn(body []byte) {
	var in struct {
		Item          json.RawMessage
		TransactItems []struct {
			Put *struct{ Item json.RawMessage }
		}
	}
	must(json.Unmarshal(body, &in))
	keep := func(raw json.RawMessage) {
		var k wireKey
		must(json.Unmarshal(raw, &k))
		t.put(k.PK.S, k.SK.S, raw)
	}
	if in.Item != nil {
		keep(in.Item)
	}
	for _, w := range in.TransactItems {
		if w.Put != nil {
			keep(w.Put.Item)
		}
	}
}

// growth is how a table that has learned one organization with one cloud gets
// its size.
type growth struct {
	// Organization, Cloud and Account are what is copied under other ids.
	Organization, Cloud, Account string
	// Clouds of each organization; the first is the one that was learned.
	Clouds []int
}

func (t stubTable) grow(g growth) {
	template := maps.Clone(t["ORG#"+g.Organization].items)
	delete(t, "ORG#"+g.Organization)
	shard := regexp.MustCompile(`"due_shard":\{"S":"\d\d"\}`)
	number := 0
	for i, clouds := range g.Clouds {
		organization := fmt.Sprintf("%s%0*d", g.Organization[:3], len(g.Organization)-3, i)
		for sk, it := range template {
			if strings.Contains(sk, g.Cloud) {
				continue
			}
			copied := bytes.ReplaceAll(it.raw, []byte(g.Organization), []byte(organization))
			t.put("ORG#"+organization, sk, copied)
		}
		for range clouds {
			id := fmt.Sprintf("%08d%s", number, g.Cloud[8:])
			for sk, it := range template {
				if !strings.Contains(sk, g.Cloud) {
					continue
				}
				copied := bytes.ReplaceAll(it.raw, []byte(g.Organization), []byte(organization))
				copied = bytes.ReplaceAll(copied, []byte(g.Cloud), []byte(id))
				copied = bytes.ReplaceAll(copied, []byte(g.Account), fmt.Appendf(nil, "%012d", 600000000000+number))
				copied = shard.ReplaceAll(copied, fmt.Appendf(nil, `"due_shard":{"S":"%02d"}`, number%16))
				t.put("ORG#"+organization, strings.ReplaceAll(sk, g.Cloud, id), copied)
			}
			number++
		}
	}
}

func (t stubTable) find(k wireKey) (item, bool) {
	p := t[k.PK.S]
	if p == nil {
		return item{}, false
	}
	it, ok := p.items[k.SK.S]
	return it, ok
}

// units of one read: four kilobytes, half of it where it need not be consistent.
func units(size int, consistent bool) float64 {
	n := float64(max(1, (size+4095)/4096))
	if !consistent {
		n /= 2
	}
	return n
}

// writeUnits of a write: a kilobyte each of what it puts, or of what is stored of
// what it changes, deletes or checks, whichever is more; in a transaction twice.
func (t stubTable) writeUnits(body []byte) float64 {
	type write struct {
		Item json.RawMessage
		Key  wireKey
	}
	var in struct {
		write
		TransactItems []struct{ Put, Update, Delete, ConditionCheck *write }
	}
	must(json.Unmarshal(body, &in))
	of := func(w write) float64 {
		size := 0
		if w.Item != nil {
			must(json.Unmarshal(w.Item, &w.Key))
			size = itemSize(w.Item)
		}
		stored, _ := t.find(w.Key)
		return float64(max(1, (max(size, stored.size)+1023)/1024))
	}
	if in.TransactItems == nil {
		return of(in.write)
	}
	total := 0.0
	for _, one := range in.TransactItems {
		for _, w := range []*write{one.Put, one.Update, one.Delete, one.ConditionCheck} {
			if w != nil {
				total += 2 * of(*w)
			}
		}
	}
	return total
}

func (t stubTable) getItem(body []byte) ([]byte, float64) {
	var in struct {
		Key            wireKey
		ConsistentRead bool
	}
	must(json.Unmarshal(body, &in))
	it, ok := t.find(in.Key)
	if !ok {
		return []byte(`{}`), units(0, in.ConsistentRead)
	}
	return slices.Concat([]byte(`{"Item":`), it.raw, []byte(`}`)), units(it.size, in.ConsistentRead)
}

func (t stubTable) batchGetItem(body []byte) ([]byte, float64) {
	var in struct {
		RequestItems map[string]struct {
			Keys           []wireKey
			ConsistentRead bool
		}
	}
	must(json.Unmarshal(body, &in))
	var out bytes.Buffer
	total := 0.0
	for name, wanted := range in.RequestItems {
		fmt.Fprintf(&out, `{"Responses":{%q:[`, name)
		found := 0
		for _, k := range wanted.Keys {
			it, ok := t.find(k)
			total += units(it.size, wanted.ConsistentRead)
			if !ok {
				continue
			}
			if found++; found > 1 {
				out.WriteByte(',')
			}
			out.Write(it.raw)
		}
		out.WriteString(`]},"UnprocessedKeys":{}}`)
	}
	return out.Bytes(), total
}

var equals, begins = regexp.MustCompile(`\S+ = (\S+)`), regexp.MustCompile(`begins_with\(\S+ (\S+)\)`)

// query of one partition; of the index, what is due in one shard, whatever the time; nil of
// any other index.
func (t stubTable) query(body []byte) ([]byte, float64) {
	var in struct {
		IndexName, KeyConditionExpression string
		ExpressionAttributeValues         map[string]struct{ S string }
		ExclusiveStartKey                 wireKey
		Limit                             int
		ConsistentRead                    bool
	}
	must(json.Unmarshal(body, &in))
	value := func(r *regexp.Regexp) string {
		if m := r.FindStringSubmatch(in.KeyConditionExpression); m != nil {
			return in.ExpressionAttributeValues[m[1]].S
		}
		return ""
	}
	switch in.IndexName {
	case "":
	case dynamo.DueIndex:
		return t.due(value(equals), in.Limit)
	default:
		return nil, 0
	}
	p := t[value(equals)]
	if p == nil {
		return []byte(`{"Items":[],"Count":0}`), units(0, in.ConsistentRead)
	}
	prefix := value(begins)
	at, found := slices.BinarySearch(p.keys, max(prefix, in.ExclusiveStartKey.SK.S))
	if found && in.ExclusiveStartKey.SK.S != "" {
		at++
	}
	var out bytes.Buffer
	out.WriteString(`{"Items":[`)
	size, n, last := 0, 0, ""
	for ; at < len(p.keys) && strings.HasPrefix(p.keys[at], prefix); at++ {
		if in.Limit > 0 && n == in.Limit || size > 1<<20 {
			last = p.keys[at-1]
			break
		}
		if n++; n > 1 {
			out.WriteByte(',')
		}
		it := p.items[p.keys[at]]
		size += it.size
		out.Write(it.raw)
	}
	fmt.Fprintf(&out, `],"Count":%d`, n)
	if last != "" {
		fmt.Fprintf(&out, `,"LastEvaluatedKey":{"pk":{"S":%q},"sk":{"S":%q}}`, value(equals), last)
	}
	out.WriteByte('}')
	return out.Bytes(), units(size, in.ConsistentRead)
}

func (t stubTable) due(shard string, limit int) ([]byte, float64) {
	var list []string
	size := 0
	for pk, p := range t {
		for sk, it := range p.items {
			if len(list) < limit && strings.HasPrefix(sk, "NETWORK#") && bytes.Contains(it.raw, []byte(`"due_shard":{"S":"`+shard+`"}`)) {
				list = append(list, fmt.Sprintf(`{"pk":{"S":%q},"sk":{"S":%q}}`, pk, sk))
				size += indexEntrySize(it.raw)
			}
		}
	}
	return fmt.Appendf(nil, `{"Items":[%s],"Count":%d}`, strings.Join(list, ","), len(list)), units(size, false)
}
