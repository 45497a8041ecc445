package localinvoke

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"byoc/infra/local/lambdaruntime"
)

// Promised is the answer that an event's file name promises:
// <what>.<answer>.json. Empty where the name promises none.
func Promised(file string) string {
	parts := strings.Split(strings.TrimSuffix(filepath.Base(file), ".json"), ".")
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-1]
}

// Answer names a result in one word: the status of an HTTP answer, "ok" for any
// other answer, "failed-2" for a batch of which two messages failed, the error's
// type for a handler's error, and panic, exit, init, timeout for the rest.
func Answer(o lambdaruntime.Outcome) string {
	switch o.Ending {
	case lambdaruntime.Answered:
		return answered(o.Payload)
	case lambdaruntime.HandlerError:
		var failure struct {
			Type string `json:"errorType"`
		}
		if json.Unmarshal(o.Payload, &failure) == nil && failure.Type != "" {
			return failure.Type
		}
		return "error"
	case lambdaruntime.InitFailed:
		return "init"
	}
	return string(o.Ending)
}

func answered(payload []byte) string {
	var shape struct {
		StatusCode        int   `json:"statusCode"`
		BatchItemFailures []any `json:"batchItemFailures"`
	}
	switch err := json.Unmarshal(payload, &shape); {
	case err == nil && shape.StatusCode != 0:
		return fmt.Sprint(shape.StatusCode)
	case err == nil && len(shape.BatchItemFailures) > 0:
		return fmt.Sprintf("failed-%d", len(shape.BatchItemFailures))
	}
	return "ok"
}
