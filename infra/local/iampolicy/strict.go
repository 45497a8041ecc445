package iampolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// strict decodes JSON and refuses members it does not know, members given
// twice (of which encoding/json would silently keep one) and anything that
// follows the document.
func strict(body []byte, into any) error {
	if err := noDuplicates(json.NewDecoder(bytes.NewReader(body))); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text follows the document")
	}
	return nil
}

// noDuplicates reads one JSON value.
func noDuplicates(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for decoder.More() {
		if opening == '{' {
			member, err := decoder.Token()
			if err != nil {
				return err
			}
			name := fmt.Sprint(member)
			if seen[name] {
				return fmt.Errorf("member %q is given twice", name)
			}
			seen[name] = true
		}
		if err := noDuplicates(decoder); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}
