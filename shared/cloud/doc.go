// Package cloud is the domain: custom clouds, the states they go through, the
// organizations that own them, and the use cases of the API and of the state
// machines. It imports no AWS SDK; adapters implement the interfaces declared
// beside the use cases that need them.
package cloud
