package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
)

func (s *story) delete(ctx context.Context) error {
	s.chapter("Deletion")
	c, err := s.customer.Delete(ctx, s.cloud.ID)
	if err != nil {
		return err
	}
	s.say("state %s", c.State)
	if c, err = s.customer.Wait(ctx, c.ID, nil, "deleted", "deletion_failed"); err != nil {
		return err
	}
	if c.State != "deleted" {
		return fmt.Errorf("the custom cloud is %s: %v", c.State, c.Errors)
	}
	s.say("state %s", c.State)
	if err := s.expectNothing(ctx, s.before); err != nil {
		return err
	}
	mailed, err := s.mailed(ctx, c, "deleted")
	if err != nil {
		return err
	}
	clouds, err := s.customer.List(ctx)
	if err != nil {
		return err
	}
	for _, other := range clouds {
		if other.ID == c.ID {
			return fmt.Errorf("the deleted custom cloud is still in the list")
		}
	}
	if s.terraform != nil {
		if err = s.terraform.Destroy(ctx); err == nil {
			err = os.RemoveAll(s.terraform.Dir)
		}
	} else {
		err = s.account.DeleteCloudFormation(ctx, c.UniqueName)
	}
	if err != nil {
		return err
	}
	s.say("the role is removed")
	if err := s.expectNoRole(ctx); err != nil {
		return err
	}
	s.rows = append(s.rows, row{"deleted", c.State, mailed, "nothing"})
	return nil
}

func (s *story) table() {
	fmt.Println()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tSTATE\tMAILED\tLEFT IN THE ACCOUNT")
	for _, r := range s.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.what, r.state, r.mailed, r.left)
	}
	w.Flush()
	fmt.Printf("\nEvery mail lies in %s\n", s.customer.Run.Outbox)
}
