package network

import (
	"cmp"
	"slices"
	"sync"

	"byoc/shared/cloud"
)

// width bounds how many steps are at work at once: EC2 throttles mutating
// calls per account at a bucket of 50 or more with a refill of 5 a second, and
// the customer's own tools share it.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
const width = 10

// walk runs do for each of the nodes, after all that it needs and only where
// those were done; needs[i] are indexes. The needs must have no cycle.
func walk(width int, needs [][]int, do func(i int) (done bool)) {
	finished := make([]chan struct{}, len(needs))
	for i := range finished {
		finished[i] = make(chan struct{})
	}
	done := make([]bool, len(needs))
	slots := make(chan struct{}, width)
	var all sync.WaitGroup
	for i := range needs {
		all.Go(func() {
			defer close(finished[i])
			for _, n := range needs[i] {
				if <-finished[n]; !done[n] {
					return
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			done[i] = do(i)
		})
	}
	all.Wait()
}

// gravity orders codes by what a caller has to know first; what is not listed
// comes in the middle.
var gravity = map[cloud.Code]int{cloud.Moved: -3, cloud.Denied: -2, cloud.Internal: -1, cloud.Unavailable: 1}

// worst is the error that a pass ends with: the gravest, with the messages of
// the others of its code, so that a customer who lacks three permissions learns
// of all three.
func worst(errs []error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	if len(errs) < 2 {
		if len(errs) == 0 {
			return nil
		}
		return errs[0]
	}
	slices.SortStableFunc(errs, func(a, b error) int {
		return cmp.Compare(gravity[cloud.CodeOf(a)], gravity[cloud.CodeOf(b)])
	})
	code, message := cloud.CodeOf(errs[0]), cloud.MessageOf(errs[0])
	seen := []string{message}
	for _, err := range errs[1:] {
		if m := cloud.MessageOf(err); cloud.CodeOf(err) == code && !slices.Contains(seen, m) {
			seen = append(seen, m)
			message += " " + m
		}
	}
	return cloud.Wrap(errs[0], code, "%s", message)
}
