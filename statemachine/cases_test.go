package statemachine

import "github.com/aws/aws-sdk-go-v2/service/sfn/types"

func pending() answer { return answer{Value: map[string]any{"done": false, "wait_seconds": 0}} }
func done() answer    { return answer{Value: map[string]any{"done": true, "wait_seconds": 0}} }
func failed(name, message string) answer {
	return answer{Error: name, Message: message}
}

// good answers every call as a run does that has nothing to wait for.
func good(t task) answer {
	if t.Function == "network" {
		return done()
	}
	return answer{Value: map[string]any{}}
}

// runs are the ways that an execution can go.
func runs() []run {
	return []run{
		{
			name: "three polls", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Operation == "ensure" && nth < 3 {
					return pending()
				}
				return good(t)
			},
			calls:  []string{"validaterole", "4 network:ensure", "transition:ready"},
			states: []string{"Validate", "EnsureWait", "Activate", "Active"},
		},
		{
			name: "waits as asked", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Operation == "ensure" && nth == 0 {
					return answer{Value: map[string]any{"done": false, "wait_seconds": 1}}
				}
				return good(t)
			},
			calls:  []string{"validaterole", "2 network:ensure", "transition:ready"},
			states: []string{"EnsureWaitAsAsked", "EnsureCount", "Active"},
		},
		{
			name: "role propagates", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Function == "validaterole" && nth < 2 {
					return failed("RoleNotAssumable", "The role cannot be assumed.")
				}
				return good(t)
			},
			calls:  []string{"3 validaterole", "network:ensure", "transition:ready"},
			states: []string{"Active"},
		},
		{
			name: "role never assumable", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Function == "validaterole" {
					return failed("RoleNotAssumable", "The role cannot be assumed.")
				}
				return good(t)
			},
			calls:  []string{"4 validaterole", "network:rollback", "transition:failed:RoleNotAssumable"},
			states: []string{"Rollback", "Conclude", "Concluded"},
		},
		{
			name: "no turn for long", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Operation == "ensure" && nth < 2*quick().RetryMaxAttempts {
					return answer{Busy: true}
				}
				return good(t)
			},
			calls:  []string{"validaterole", "7 network:ensure", "transition:ready"},
			states: []string{"Validate", "EnsureNetwork", "Activate", "Active"},
		},
		{
			name: "denied half-way", machine: Provision,
			script: func(t task, nth int) answer {
				switch {
				case t.Operation == "ensure" && nth == 0, t.Operation == "rollback" && nth < 2:
					return pending()
				case t.Operation == "ensure":
					return failed("Denied", "ec2:CreateNatGateway was refused.")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "2 network:ensure", "3 network:rollback", "transition:failed:Denied"},
			states: []string{"Rollback", "RollbackWait", "Conclude", "Concluded"},
		},
		{
			name: "moved during the network", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Operation == "ensure" {
					return failed("Moved", "Attempt 1 is over.")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "network:ensure"},
			states: []string{"Superseded"},
		},
		{
			name: "moved during rollback", machine: Provision,
			script: func(t task, nth int) answer {
				switch t.Operation {
				case "ensure":
					return failed("LimitExceeded", "No more VPCs.")
				case "rollback":
					return failed("Moved", "It is being deleted.")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "network:ensure", "network:rollback"},
			states: []string{"Rollback", "Superseded"},
		},
		{
			name: "rollback fails", machine: Provision,
			script: func(t task, nth int) answer {
				switch t.Operation {
				case "ensure":
					return failed("ResourceFailed", "The NAT gateway failed.")
				case "rollback":
					return failed("Denied", "ec2:DeleteVpc was refused.")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "network:ensure", "network:rollback", "transition:failed:ResourceFailed"},
			states: []string{"Rollback", "Conclude", "Concluded"},
		},
		{
			name: "crashes are gone through", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Operation == "ensure" && nth < 2 {
					return failed("Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 2")
				}
				if t.Outcome == "ready" && nth == 0 {
					return failed("Unavailable", "Throttled.")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "3 network:ensure", "2 transition:ready"},
			states: []string{"Active"},
		},
		{
			name: "an error that nobody knows", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Function == "validaterole" {
					return failed("boundsError", "index out of range")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "network:rollback", "transition:failed:boundsError"},
			states: []string{"Concluded"},
		},
		{
			name: "never finished", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Operation == "ensure" || t.Operation == "rollback" {
					return pending()
				}
				return good(t)
			},
			calls:  []string{"validaterole", "5 network:ensure", "5 network:rollback", "transition:failed:Unavailable"},
			states: []string{"EnsureGaveUp", "Rollback", "Conclude", "Concluded"},
		},
		{
			name: "the last state cannot be written", machine: Provision,
			script: func(t task, nth int) answer {
				if t.Function == "transition" {
					return failed("Conflict", "No.")
				}
				return good(t)
			},
			calls:  []string{"validaterole", "network:ensure", "transition:ready", "network:rollback", "transition:failed:Conflict"},
			states: []string{"Activate", "Rollback", "Conclude", "NotConcluded"},
			status: types.ExecutionStatusFailed,
		},
		{
			name: "deletion", machine: Deprovision,
			script: func(t task, nth int) answer {
				if t.Operation == "delete" && nth < 2 {
					return pending()
				}
				return good(t)
			},
			calls:  []string{"3 network:delete", "transition:empty"},
			states: []string{"DeleteNetwork", "DeleteWait", "Conclude", "Empty"},
		},
		{
			name: "deletion denied", machine: Deprovision,
			script: func(t task, nth int) answer {
				if t.Operation == "delete" {
					return failed("Denied", "ec2:DeleteVpc was refused.")
				}
				return good(t)
			},
			calls:  []string{"network:delete", "transition:failed:Denied"},
			states: []string{"ConcludeFailed", "Concluded"},
		},
		{
			name: "deletion never finished", machine: Deprovision,
			script: func(t task, nth int) answer {
				if t.Operation == "delete" {
					return pending()
				}
				return good(t)
			},
			calls:  []string{"5 network:delete", "transition:failed:Unavailable"},
			states: []string{"DeleteGaveUp", "ConcludeFailed", "Concluded"},
		},
		{
			name: "deletion moved", machine: Deprovision,
			script: func(t task, nth int) answer {
				return failed("Moved", "Attempt 1 is over.")
			},
			calls:  []string{"network:delete"},
			states: []string{"Superseded"},
		},
	}
}
