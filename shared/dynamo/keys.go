package dynamo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/shared/cloud"
)

// The table's shape. Whoever creates the table (the CDK app, tests) takes these.
const (
	// PartitionKey and SortKey are strings.
	PartitionKey = "pk"
	SortKey      = "sk"
	// TTLAttribute is a number, epoch seconds. DynamoDB deletes days late, so
	// that a reader to whom age matters checks it.
	TTLAttribute = "expires_at"
	// DueIndex holds what has to be looked at by a certain time: runs and
	// unpublished events. It is sparse, and projects keys only: a projection of
	// anything else would make each persisted step a second write.
	DueIndex = "due"
	// DueShard ("00" to "15") and DueAt (a time) are DueIndex's keys, strings.
	DueShard = "due_shard"
	DueAt    = "due_at"
)

// Keys, and the access patterns that they serve. Everything of an organization
// is in its partition, except what grows without bound (history) and what is
// looked up before the organization is known (projects, tokens, mails).
//
//	item            pk                        sk                               read and written by
//	organization    ORG#<org>                 ORGANIZATION                     one; its clouds counter changes with Create, Remove, Save to deleted, its tree with units and projects
//	unit            ORG#<org>                 UNIT#<unit>                      all of an organization
//	project         ORG#<org>                 PROJECT#<project>                all of an organization
//	project, twin   PROJECT#<project>         PROJECT                          one, its organization unknown
//	member          ORG#<org>                 MEMBER#<principal>               all of an organization
//	cloud           ORG#<org>                 CLOUD#<cloud>                    one; a page of those not deleted
//	deleted cloud   ORG#<org>                 DELETED#<cloud>                  one, for 30 days; never among a list's rows
//	network         ORG#<org>                 NETWORK#<cloud>                  one, with its cloud; steps one by one, under the fence; lease; due run
//	name            ORG#<org>                 NAME#<folded display name>       none: it makes names unique in the transaction of the write
//	service         ORG#<org>                 SERVICE#<cloud>#<service>        one; counted on its cloud
//	request         ORG#<org>                 REQUEST#<request>                none yet: its event tells all of it
//	token, twin     ORG#<org>                 TOKEN#<token id>                 all of an organization, to list and to revoke
//	event           ORG#<org>#CLOUD#<cloud>   <time>#EVENT#<version>[#DRIFT]   a page of history, newest first; unpublished ones by DueIndex
//	AWS calls       ORG#<org>#CLOUD#<cloud>   <time>#CALLS#<run>#<number>      the same page of history
//	step that ended  ORG#<org>#CLOUD#<cloud>   <time>#STEP#<attempt>#<state>#<step>  the same page of history
//	token           TOKEN#<sha256>            TOKEN                            one
//	answer          ANSWER#<request>          ANSWER                           one, of a request that carried an Idempotency-Key
//	mail            MAIL#<event id>           CONTACT#<sha256 of the address>  one: claimed, then recorded as sent
//
// The cloud is two items: what an admin edits and lists show, and what runs
// write. So a persisted step never collides with an edit, and list rows are slim.
// State and attempt are on both; the network's are the fence.
type key struct {
	pk, sk string
}

// DynamoDB's limits, in bytes. What has a longer key cannot exist.
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

func (k key) possible() bool {
	return len(k.pk) <= maxPartitionKey && len(k.sk) <= maxSortKey
}

func (k key) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		PartitionKey: &types.AttributeValueMemberS{Value: k.pk},
		SortKey:      &types.AttributeValueMemberS{Value: k.sk},
	}
}

// keyOf reads the key of an item.
func keyOf(item map[string]types.AttributeValue) key {
	pk, _ := item[PartitionKey].(*types.AttributeValueMemberS)
	sk, _ := item[SortKey].(*types.AttributeValueMemberS)
	if pk == nil || sk == nil {
		return key{}
	}
	return key{pk.Value, sk.Value}
}

// Sort key prefixes of what is listed.
const (
	cloudPrefix   = "CLOUD#"
	deletedPrefix = "DELETED#"
	networkPrefix = "NETWORK#"
	unitPrefix    = "UNIT#"
	projectPrefix = "PROJECT#"
	memberPrefix  = "MEMBER#"
	tokenPrefix   = "TOKEN#"
)

// What partition keys begin with, for policies that say who may write what:
// everything of an organization with the history of its clouds, and mails.
const (
	OrganizationPartitions = "ORG#"
	MailPartitions         = "MAIL#"
)

// The separator is escaped in what callers hand in, so that no id can be made
// to look like another item's key.
var (
	escaper   = strings.NewReplacer("%", "%25", "#", "%23")
	unescaper = strings.NewReplacer("%23", "#", "%25", "%")
)

func esc(part string) string { return escaper.Replace(part) }

func organizationPartition(org string) string { return OrganizationPartitions + esc(org) }

func historyPartition(org, id string) string {
	return organizationPartition(org) + "#CLOUD#" + esc(id)
}

func organizationKey(org string) key { return key{organizationPartition(org), "ORGANIZATION"} }

func unitKey(org, unit string) key { return key{organizationPartition(org), unitPrefix + esc(unit)} }

func projectKey(org, project string) key {
	return key{organizationPartition(org), projectPrefix + esc(project)}
}

func projectLookupKey(project string) key { return key{"PROJECT#" + esc(project), "PROJECT"} }

func memberKey(org, principal string) key {
	return key{organizationPartition(org), memberPrefix + esc(principal)}
}

func cloudKey(org, id string) key { return key{organizationPartition(org), cloudPrefix + esc(id)} }

func deletedKey(org, id string) key {
	return key{organizationPartition(org), deletedPrefix + esc(id)}
}

func networkKey(org, id string) key {
	return key{organizationPartition(org), networkPrefix + esc(id)}
}

// nameKey stays far below the 1,024 bytes of a sort key: folding makes up to
// eighteen characters of one, and a name may have 64. No name is as long as
// the hash of one.
func nameKey(org, displayName string) key {
	folded := esc(cloud.FoldName(displayName))
	if len(folded) > longestName {
		sum := sha256.Sum256([]byte(folded))
		folded = "sha256:" + hex.EncodeToString(sum[:])
	}
	return key{organizationPartition(org), "NAME#" + folded}
}

const longestName = 512

func eventKey(e cloud.Event) key {
	sk := fmt.Sprintf("%s#EVENT#%08d", formatTime(e.At), e.Version)
	if e.Type.Drift() {
		sk += "#DRIFT"
	}
	return key{historyPartition(e.OrganizationID, e.CloudID), sk}
}

func callsKey(org, id string, at time.Time, run string, number int) key {
	return key{historyPartition(org, id), fmt.Sprintf("%s#CALLS#%s#%04d", formatTime(at), esc(run), number)}
}

func stepKey(org, id string, at time.Time, attempt int, s cloud.Step) key {
	return key{historyPartition(org, id), fmt.Sprintf("%s#STEP#%06d#%s#%s", formatTime(at), attempt, esc(string(s.State)), esc(s.Key))}
}

func serviceKey(org, id, name string) key {
	return key{organizationPartition(org), "SERVICE#" + esc(id) + "#" + esc(name)}
}

func requestKey(org, id string) key { return key{organizationPartition(org), "REQUEST#" + esc(id)} }

func answerKey(id string) key { return key{"ANSWER#" + esc(id), "ANSWER"} }

// ownTokenKey is the token's twin, in its organization.
func ownTokenKey(org, id string) key { return key{organizationPartition(org), tokenPrefix + esc(id)} }

func tokenKey(hash string) key { return key{"TOKEN#" + esc(hash), "TOKEN"} }

// mailKey hashes the address: keys end up in logs and metrics.
func mailKey(eventID, address string) key {
	sum := sha256.Sum256([]byte(strings.ToLower(address)))
	return key{MailPartitions + esc(eventID), "CONTACT#" + hex.EncodeToString(sum[:])}
}

// Shards is how many partitions DueIndex is spread over.
const Shards = 16

func shardName(shard int) string { return fmt.Sprintf("%02d", shard) }

// shardOf spreads clouds evenly; a cloud's run and its events share a shard.
func shardOf(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return shardName(int(h.Sum32() % Shards))
}
