package dynamo

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"byoc/shared/cloud"
)

// A cursor is the sort key of the last row, and nothing else: the partition
// comes from the path that was authorized, so that a cursor of another tenant
// opens nothing.

func encodeCursor(sortKey string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(sortKey))
}

// decodeCursor answers the sort key to go on after; "" for the first page.
// Invalid for what is not a cursor of a list under this prefix: DynamoDB
// refuses to start outside of what a query asks for.
func decodeCursor(cursor, prefix string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	sortKey, err := base64.RawURLEncoding.DecodeString(cursor)
	s := string(sortKey)
	if err != nil || len(s) > maxSortKey || !utf8.ValidString(s) || !strings.HasPrefix(s, prefix) || s == prefix {
		const m = "This is not a cursor of this list. Take next_cursor of the page before, unchanged."
		return "", &cloud.Error{Code: cloud.Invalid, Message: m, Fields: []cloud.Field{{Location: "query.cursor", Message: m}}}
	}
	return s, nil
}
