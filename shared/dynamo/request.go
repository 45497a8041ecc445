package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// CreateRequest writes a request for a custom cloud and its event. *cloud.Repeated.
func (t *Table) CreateRequest(ctx context.Context, r cloud.Request, e cloud.Event, kept ...cloud.Kept) error {
	x := t.transaction()
	x.keep(kept)
	x.put(newRequestItem(r), newExpression().absent(), nil)
	x.event(e)
	return x.commit(ctx, "recording request "+r.ID)
}

type requestItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	OrganizationID string `dynamodbav:"organization_id"`
	requestFields
}

// requestFields are in the request and in its event.
type requestFields struct {
	Provider    string        `dynamodbav:"provider"`
	Region      string        `dynamodbav:"region"`
	DisplayName string        `dynamodbav:"display_name"`
	CIDR        string        `dynamodbav:"cidr,omitempty"`
	Contacts    []contactItem `dynamodbav:"contacts,omitempty"`
	Comment     string        `dynamodbav:"comment,omitempty"`
	Actor       string        `dynamodbav:"actor"`
	CreatedAt   string        `dynamodbav:"created_at"`
}

func newRequestItem(r cloud.Request) requestItem {
	k := requestKey(r.OrganizationID, r.ID)
	return requestItem{k.pk, k.sk, "request", r.OrganizationID, newRequestFields(r)}
}

func newRequestFields(r cloud.Request) requestFields {
	return requestFields{
		Provider: r.Provider, Region: r.Region, DisplayName: r.DisplayName, CIDR: r.CIDR,
		Contacts: each(r.Contacts, newContactItem),
		Comment:  r.Comment, Actor: r.Actor, CreatedAt: formatTime(r.CreatedAt),
	}
}

func (f requestFields) request(org, id string) cloud.Request {
	return cloud.Request{
		ID: id, OrganizationID: org, Provider: f.Provider, Region: f.Region, DisplayName: f.DisplayName, CIDR: f.CIDR,
		Contacts: each(f.Contacts, contactItem.contact),
		Comment:  f.Comment, Actor: f.Actor, CreatedAt: parseTime(f.CreatedAt),
	}
}
