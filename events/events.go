// Package events holds the schemas of the project's own events, for subscribers
// and for the tests that hold what is emitted against them.
package events

import (
	"embed"
	"fmt"
)

//go:embed schema/*.json
var schemas embed.FS

// Schema is the JSON Schema (2020-12) of the detail of events of a detail-type,
// in a version. Subscribers should ignore fields that it does not name: fields
// may be added within a version.
func Schema(detailType string, version int) ([]byte, error) {
	text, err := schemas.ReadFile(fmt.Sprintf("schema/%s.v%d.json", detailType, version))
	if err != nil {
		return nil, fmt.Errorf("no schema of version %d of event %q", version, detailType)
	}
	return text, nil
}
