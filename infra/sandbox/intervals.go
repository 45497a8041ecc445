package sandbox

// ShortIntervals is context for the stack that makes a local run as short as
// the local AWS: nothing else differs from a deployment.
func ShortIntervals() map[string]string {
	return map[string]string{
		"localAwsSpeed":        "15",
		"networkSeconds":       "45",
		"watchSeconds":         "2",
		"watchConfirmSeconds":  "1",
		"watchParts":           "1",
		"waitSeconds":          "1",
		"roleIntervalSeconds":  "1",
		"roleMaxDelaySeconds":  "2",
		"roleMaxAttempts":      "5",
		"retryIntervalSeconds": "1",
		"retryMaxDelaySeconds": "3",
	}
}
