package faults

import (
	"time"

	"byoc/infra/local/awscall"
)

// SetLatency makes every call take time before it is answered: the duration
// under "service:Operation", or else "Operation", "service:*" or "*", times
// scale. It replaces what was set before; nil removes it.
func (f *Faults) SetLatency(of map[string]time.Duration, scale float64) {
	copied := make(map[string]time.Duration, len(of))
	for name, d := range of {
		copied[name] = d
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latency, f.scale = copied, scale
}

func (f *Faults) delay(call *awscall.Call) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range []string{
		call.Service + ":" + call.Operation, call.Operation, call.Service + ":*", "*",
	} {
		if d, ok := f.latency[name]; ok {
			return time.Duration(float64(d) * f.scale)
		}
	}
	return 0
}
