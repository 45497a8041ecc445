package cost

import "math"

// Parts, TickMinutes, Width and Batch are those of the deployed watch.
const (
	Parts       = 16.0
	TickMinutes = 2.0
	// Width is how many accounts an invocation looks at at once, Batch the most
	// clouds that it takes.
	Width = 64.0
	Batch = 420.0
	// InvocationSeconds is its timeout: the most that it can be paid for.
	InvocationSeconds = 110.0
)

// Look of the watch at one cloud, and what a month has of them.
const (
	LookMinutes   = 57.0 // an hour apart, spread over its last tenth
	HoursPerMonth = 730.0
	LooksPerMonth = HoursPerMonth * 60 / LookMinutes
	TicksPerMonth = Parts * HoursPerMonth * 60 / TickMinutes
	CallsPerLook  = 16
	CallSeconds   = 0.2
	LookSeconds   = CallsPerLook * CallSeconds
	LookWrites    = networkKB + 2*indexKB + callsKB
	LookReads     = 6.1 // what is due and its item, then the cloud, its network, and that it is not deleted
	HistoryDays   = 400.0
	// HistoryGB of the calls of one cloud's looks.
	HistoryGB = HistoryDays * 24 * 60 / LookMinutes * callsKB / 1e6
	// storedGB of a cloud, without its history.
	storedGB = (cloudKB + networkKB + 1) / 1e6
)

// Standing is what one active cloud costs in a month in which nobody uses the API.
type Standing struct{ Looks, Function, History, Stored, Backup float64 }

// Idle cloud, the only one: the function that looks at it looks at no other
// meanwhile, which is the most that a look can cost.
func Idle() Standing {
	return Standing{
		Looks:    LooksPerMonth * (LookWrites*DynamoDBWrite + LookReads*DynamoDBRead),
		Function: LooksPerMonth * LookSeconds * functionGB * LambdaGBSecond,
		History:  HistoryGB * DynamoDBGBMonth,
		Stored:   storedGB * DynamoDBGBMonth,
		Backup:   (HistoryGB + storedGB) * DynamoDBBackupGBMonth,
	}
}

// Dollars of all of it.
func (s Standing) Dollars() float64 { return s.Looks + s.Function + s.History + s.Stored + s.Backup }

// Schedules is the most that the invocations cost that find no cloud: of a second each.
func Schedules() float64 { return invocations(1) }

func invocations(seconds float64) float64 {
	return TicksPerMonth * (LambdaCall + seconds*functionGB*LambdaGBSecond)
}

// Watch of so many active clouds, each in an account of its own.
type Watch float64

// CallsPerSecond in customers' accounts.
func (w Watch) CallsPerSecond() float64 {
	return float64(w) * LooksPerMonth * CallsPerLook / HoursPerMonth / 3600
}

// Due at a tick, of one part.
func (w Watch) Due() float64 { return float64(w) / Parts * TickMinutes / LookMinutes }

// LookingSeconds that an invocation needs for so many clouds, Width of them at once.
func LookingSeconds(clouds float64) float64 { return math.Ceil(clouds/Width) * LookSeconds }

// Seconds of looking, of one part at a tick.
func (w Watch) Seconds() float64 { return LookingSeconds(w.Due()) }

// TicksAllDue are the ticks that it takes where all clouds are due at once.
func (w Watch) TicksAllDue() float64 { return math.Ceil(float64(w) / Parts / Batch) }

// MinutesAllDue are those from the first of these ticks to the last look.
func (w Watch) MinutesAllDue() float64 {
	before := w.TicksAllDue() - 1
	return before*TickMinutes + LookingSeconds(float64(w)/Parts-before*Batch)/60
}

// Bill of a month's watch. Function is the most that it can be.
type Bill struct{ Writes, Reads, Function, History, Backup float64 }

// Bill of the watch.
func (w Watch) Bill() Bill {
	looks := float64(w) * LooksPerMonth
	return Bill{
		Writes:   looks * LookWrites * DynamoDBWrite,
		Reads:    looks * LookReads * DynamoDBRead,
		Function: invocations(InvocationSeconds),
		History:  float64(w) * HistoryGB * DynamoDBGBMonth,
		Backup:   float64(w) * HistoryGB * DynamoDBBackupGBMonth,
	}
}

// FunctionByModel is what the invocations cost where they take no longer than Seconds.
func (w Watch) FunctionByModel() float64 { return invocations(w.Seconds()) }

// Dollars of all of it.
func (b Bill) Dollars() float64 { return b.Writes + b.Reads + b.Function + b.History + b.Backup }
