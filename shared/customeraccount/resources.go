package customeraccount

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// resourceID matches the ids of EC2 resources and the ARNs of roles, and
// nothing that a credential or a token could look like.
var resourceID = regexp.MustCompile(`^(?:(?:vpc|vpc-cidr-assoc|subnet|igw|nat|eipalloc|eipassoc|rtb|rtbassoc|sg|sgr|eni)-[0-9a-f]{8,17}|arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]{1,64})$`)

const (
	// maxResources and maxDepth bound what one call may add to a record.
	maxResources = 20
	maxDepth     = 6
)

// reads says whether an action only looks.
func reads(action string) bool {
	return strings.HasPrefix(action, "Describe") || strings.HasPrefix(action, "Get") || strings.HasPrefix(action, "List")
}

// resourceIDs collects, in order of appearance, the ids in the parameters and
// in the answer of a call. Fields are read, never methods: looking a method up
// by name would make the linker keep every method of every client.
func resourceIDs(values ...any) []string {
	var found []string
	for _, v := range values {
		if v != nil {
			collect(reflect.ValueOf(v), maxDepth, &found)
		}
	}
	return found
}

func collect(v reflect.Value, depth int, found *[]string) {
	if depth == 0 || len(*found) >= maxResources {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(v.Elem(), depth, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), depth-1, found)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			collect(v.Index(i), depth-1, found)
		}
	case reflect.String:
		if s := v.String(); resourceID.MatchString(s) && !slices.Contains(*found, s) {
			*found = append(*found, s)
		}
	}
}

// dryRun reads the DryRun parameter of an EC2 call.
func dryRun(input any) bool {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return false
	}
	f := v.FieldByName("DryRun")
	if f.Kind() != reflect.Pointer || f.IsNil() || f.Elem().Kind() != reflect.Bool {
		return false
	}
	return f.Elem().Bool()
}
