package ec2behaviour

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

// node is an XML element of an EC2 answer. Such answers have no attributes but
// the namespace of the root, and an element has text or children, never both.
// Reading from a nil node finds nothing.
type node struct {
	name     string
	space    string
	text     string
	children []*node
}

func element(name string, children ...*node) *node {
	return &node{name: name, children: children}
}

func text(name, value string) *node {
	return &node{name: name, text: value}
}

func parseXML(body []byte) (*node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	root := &node{}
	open := []*node{root}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local}
			if top == root {
				n.space = t.Name.Space
			}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.CharData:
			top.text += string(t)
		case xml.EndElement:
			if len(top.children) > 0 {
				top.text = ""
			}
			open = open[:len(open)-1]
		}
	}
	if len(root.children) != 1 {
		return nil, errors.New("not an XML document")
	}
	return root.children[0], nil
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// at is the text at the end of a path of children, empty where it breaks off.
func (n *node) at(path ...string) string {
	for _, name := range path {
		n = n.child(name)
	}
	if n == nil {
		return ""
	}
	return n.text
}

// items are the elements of a set.
func (n *node) items(set string) []*node {
	if s := n.child(set); s != nil {
		return s.children
	}
	return nil
}

// put replaces the children of the new child's name, or adds it.
func (n *node) put(child *node) {
	n.remove(child.name)
	n.children = append(n.children, child)
}

func (n *node) remove(name string) {
	var kept []*node
	for _, c := range n.children {
		if c.name != name {
			kept = append(kept, c)
		}
	}
	n.children = kept
}

func (n *node) encode() []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	n.write(&b)
	return b.Bytes()
}

func (n *node) write(b *bytes.Buffer) {
	b.WriteString("<" + n.name)
	if n.space != "" {
		b.WriteString(` xmlns="` + n.space + `"`)
	}
	b.WriteByte('>')
	// A bytes.Buffer never fails to be written to.
	_ = xml.EscapeText(b, []byte(n.text))
	for _, c := range n.children {
		c.write(b)
	}
	b.WriteString("</" + n.name + ">")
}
