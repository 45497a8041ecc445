package dynamo

import (
	"context"
	"slices"

	"byoc/shared/cloud"
)

// pageBytes is where a page ends early: what a client gets must stay below what
// a Lambda function can answer.
const pageBytes = 4 << 20

// List reads a page of an organization's clouds that are not deleted, without
// their networks, in the order of their ids. A page ends at the limit or before
// four megabytes. next is empty exactly where no other row follows. The display
// name filters case-insensitively, as it is unique. Invalid (the cursor).
func (t *Table) List(ctx context.Context, organizationID string, page cloud.Page) (clouds []cloud.Cloud, next string, err error) {
	after, err := decodeCursor(page.Cursor, cloudPrefix)
	if err != nil {
		return nil, "", err
	}
	r := rows{partition: organizationPartition(organizationID), prefix: cloudPrefix, after: after}
	if page.State == "" && page.Region == "" && page.DisplayName == "" {
		// One more than asked for tells whether there is a next page.
		r.limit = page.Limit + 1
		// A cloud is large: a list that grew by appending would be copied many times.
		r.found = func(n int) { clouds = slices.Grow(clouds, min(n, page.Limit-len(clouds))) }
	}
	size, last := 0, ""
	err = t.each(ctx, r, func(item record) (bool, error) {
		row := reader{item: item}
		c := readCloud(&row)
		if row.err != nil {
			return false, classify(row.err, "reading "+keyOf(item).sk)
		}
		if !matches(c, page) {
			return true, nil
		}
		size += row.size
		if len(clouds) == page.Limit || (size > pageBytes && len(clouds) > 0) {
			next = encodeCursor(last)
			return false, nil
		}
		clouds = append(clouds, c)
		last = keyOf(item).sk
		return true, nil
	})
	if err != nil {
		return nil, "", err
	}
	return clouds, next, nil
}

// Cursor of the page that follows c, for a caller that ends a page before List
// did: rows may be larger as an answer than they are in the table.
func (t *Table) Cursor(c cloud.Cloud) string {
	return encodeCursor(cloudKey(c.OrganizationID, c.ID).sk)
}

func matches(c cloud.Cloud, page cloud.Page) bool {
	return (page.State == "" || c.State == page.State) &&
		(page.Region == "" || c.Region == page.Region) &&
		(page.DisplayName == "" || cloud.FoldName(c.DisplayName) == cloud.FoldName(page.DisplayName))
}
