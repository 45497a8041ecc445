package ec2behaviour

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"byoc/infra/local/awscall"
)

// natGateways are all gateways of the region as AWS shows them: the emulator's,
// with the state that they are in. Those past their time are included.
func (q *request) natGateways() []*node {
	items := q.ask("DescribeNatGateways").items("natGatewaySet")
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	for _, item := range items {
		if g := q.region.gateways[item.at("natGatewayId")]; g != nil {
			g.show(item, time.Now())
		}
	}
	return items
}

// show turns the emulator's view of the gateway into AWS's.
func (g *natGateway) show(item *node, now time.Time) {
	state := g.state(now)
	item.put(text("state", state))
	if g.private || item.at("connectivityType") == "" {
		item.put(text("connectivityType", "public"))
	}
	// What it was given, it has once it is available; until then, and for good
	// when it fails, only what it asked for shows.
	if g.allocation != "" && (state == pending || g.failure != nil) {
		item.put(element("natGatewayAddressSet", element("item", text("allocationId", g.allocation))))
	}
	if g.failure != nil && state != pending {
		item.put(text("failureCode", g.failure.Code))
		item.put(text("failureMessage", g.failure.Message))
	}
	switch {
	case !g.deletedAt.IsZero():
		item.put(text("deleteTime", g.deletedAt.UTC().Format(time.RFC3339)))
	case state == failed:
		item.put(text("deleteTime", g.pendingUntil.UTC().Format(time.RFC3339)))
	}
}

// visibleNATGateways leaves out those that ended too long ago to be shown.
func (q *request) visibleNATGateways() []*node {
	items := q.natGateways()
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(items), func(item *node) bool {
		g := q.region.gateways[item.at("natGatewayId")]
		if g == nil {
			return false
		}
		ended := g.ended(time.Now())
		return !ended.IsZero() && time.Now().After(ended.Add(q.options.NATVisible))
	})
}

func (q *request) visibleNATGateway(id string) *node {
	for _, item := range q.visibleNATGateways() {
		if item.at("natGatewayId") == id {
			return item
		}
	}
	return nil
}

// natFilters are the filters of
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html
// besides the tags'.
var natFilters = map[string]string{
	"nat-gateway-id": "natGatewayId",
	"state":          "state",
	"subnet-id":      "subnetId",
	"vpc-id":         "vpcId",
}

func (q *request) describeNATGateways() *awscall.Response {
	items := q.visibleNATGateways()
	if ids := q.numbered("NatGatewayId."); len(ids) > 0 {
		var chosen []*node
		for _, id := range ids {
			at := slices.IndexFunc(items, func(item *node) bool { return item.at("natGatewayId") == id })
			if at < 0 {
				return q.notFound(id)
			}
			chosen = append(chosen, items[at])
		}
		items = chosen
	}
	for n := 1; ; n++ {
		prefix := fmt.Sprintf("Filter.%d.", n)
		name := q.param(prefix + "Name")
		if name == "" {
			break
		}
		tag := strings.HasPrefix(name, "tag:") || name == "tag-key"
		if natFilters[name] == "" && !tag {
			return q.badRequest("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		values := q.numbered(prefix + "Value.")
		items = slices.DeleteFunc(items, func(item *node) bool { return !natMatches(item, name, values) })
	}
	return q.natPage(items)
}

// natPage answers with one page. The token is the id that the page ended with,
// so gateways made meanwhile move nothing.
func (q *request) natPage(items []*node) *awscall.Response {
	if token := q.param("NextToken"); token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		at := slices.IndexFunc(items, func(item *node) bool { return item.at("natGatewayId") == string(last) })
		if err != nil || at < 0 {
			return q.badRequest("InvalidNextToken", "The token '%s' is invalid.", token)
		}
		items = items[at+1:]
	}
	answer := element("natGatewaySet")
	next := ""
	if limit, err := strconv.Atoi(q.param("MaxResults")); err == nil && limit > 0 && limit < len(items) {
		items = items[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(items[limit-1].at("natGatewayId")))
	}
	answer.children = items
	if next == "" {
		return q.respond(answer)
	}
	return q.respond(answer, text("nextToken", next))
}

func natMatches(item *node, filter string, patterns []string) bool {
	var values []string
	for _, tag := range item.items("tagSet") {
		if filter == "tag-key" {
			values = append(values, tag.at("key"))
		}
		if filter == "tag:"+tag.at("key") {
			values = append(values, tag.at("value"))
		}
	}
	if name := natFilters[filter]; name != "" {
		values = append(values, item.at(name))
	}
	return slices.ContainsFunc(values, func(value string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, value) })
	})
}

var wildcards = strings.NewReplacer(`\*`, `.*`, `\?`, `.`)

// matches tells whether a filter's value, in which * and ? are wildcards, is
// met.
func matches(pattern, value string) bool {
	expression, err := regexp.Compile("(?s)^" + wildcards.Replace(regexp.QuoteMeta(pattern)) + "$")
	return err == nil && expression.MatchString(value)
}

// numbered are the values of a list parameter, in order.
func (q *request) numbered(prefix string) []string {
	var values []string
	for n := 1; q.Query.Has(prefix + strconv.Itoa(n)); n++ {
		values = append(values, q.param(prefix+strconv.Itoa(n)))
	}
	return values
}
