// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package scheduler

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// EnvShards names the environment variable with the number of tasks, for schedulers that don't tell it and for arrays
// with gaps.
const EnvShards = "CONVSCOPE_SHARDS"

// ErrNone is wrapped by the error for a process that no scheduler started as one of several.
var ErrNone = errors.New("no scheduler says which shard this is")

// Task is one of the processes that share the work.
type Task struct {
	// Scheduler is who says so, such as "Slurm".
	Scheduler string
	// Shard counts from 0, so it is below Shards.
	Shard, Shards int
}

// array is where a scheduler says which task of an array a process is. Names that are "" it doesn't have.
type array struct {
	name string
	// index has the task's number; none is what stands there for a job that is no array, beside nothing at all.
	index, none string
	// first, last and step have the first and the last number and the distance between two; count has how many there are.
	first, last, step, count string
	// from is the first number where no variable has it.
	from int
	// ask says how the user can give the number of tasks.
	ask string
}

const asVariable = "set " + EnvShards + " to the number of tasks in the job's script"

// arrays are the schedulers that are known.
var arrays = []array{
	{name: "Slurm", index: "SLURM_ARRAY_TASK_ID", first: "SLURM_ARRAY_TASK_MIN", last: "SLURM_ARRAY_TASK_MAX",
		step: "SLURM_ARRAY_TASK_STEP", count: "SLURM_ARRAY_TASK_COUNT", from: 0, ask: asVariable},
	{name: "Kubernetes", index: "JOB_COMPLETION_INDEX", from: 0,
		ask: "set " + EnvShards + " to the job's completions in the manifest's env"},
	{name: "PBS", index: "PBS_ARRAY_INDEX", from: 1, ask: asVariable},
	{name: "Torque", index: "PBS_ARRAYID", from: 1, ask: asVariable},
	{name: "Grid Engine", index: "SGE_TASK_ID", none: "undefined", first: "SGE_TASK_FIRST", last: "SGE_TASK_LAST",
		step: "SGE_TASK_STEPSIZE", from: 1, ask: asVariable},
	{name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE", from: 0,
		ask: "set " + EnvShards + " to the array's size in the job's environment"},
	{name: "LSF", index: "LSB_JOBINDEX", none: "0", last: "LSB_JOBINDEX_END", step: "LSB_JOBINDEX_STEP",
		from: 1, ask: asVariable},
}

// Read finds out which task this process is from its environment, as [os.LookupEnv] gives it. Errors wrap [ErrNone]
// where no scheduler says anything; others say which variable is missing or makes no sense.
func Read(lookup func(name string) (value string, there bool)) (Task, error) {
	env := environment(lookup)
	var found []array
	for _, a := range arrays {
		if value := env.text(a.index); value != "" && value != a.none {
			found = append(found, a)
		}
	}
	switch {
	case len(found) > 1:
		return Task{}, fmt.Errorf("both %s (%s) and %s (%s) say which task this is: give --shard I/N",
			found[0].name, found[0].index, found[1].name, found[1].index)
	case len(found) == 1:
		return found[0].task(env)
	}
	var names []string
	for _, a := range arrays {
		names = append(names, a.name)
	}
	return Task{}, fmt.Errorf("%w: give --shard I/N, such as 0/12 for the first of twelve, or start it as an array of %s",
		ErrNone, strings.Join(names, ", "))
}

// task is the one that the environment describes. Where [EnvShards] says another number of tasks than the scheduler,
// some of an array run again: their numbers count from where the table has it.
func (a array) task(env environment) (Task, error) {
	index, err := env.number(a.index, 0)
	if err != nil {
		return Task{}, a.wrong(err)
	}
	shards, err := env.number(EnvShards, 0)
	if err != nil {
		return Task{}, a.wrong(err)
	}
	first, step, count, err := a.extent(env)
	switch {
	case env.text(EnvShards) == "" && err != nil:
		return Task{}, a.wrong(err)
	case env.text(EnvShards) == "":
		shards = count
	case err != nil || count != shards:
		first, step = a.from, 1
	}
	t := Task{a.name, (index - first) / step, shards}
	if shards < 1 || index < first || (index-first)%step != 0 || t.Shard >= shards {
		return Task{}, a.wrong(fmt.Errorf("%s is %d, which is none of %d from %d on: give --shard I/N",
			a.index, index, shards, first))
	}
	return t, nil
}

// extent is what the scheduler says of the whole array.
func (a array) extent(env environment) (first, step, count int, err error) {
	if first, err = env.number(a.first, a.from); err != nil {
		return 0, 0, 0, err
	}
	if step, err = env.number(a.step, 1); err != nil {
		return 0, 0, 0, err
	}
	if step < 1 {
		return 0, 0, 0, fmt.Errorf("%s is %d: use 1 or more", a.step, step)
	}
	last, hasLast := env.text(a.last), env.text(a.last) != ""
	count, err = env.number(a.count, 0)
	switch {
	case err != nil:
		return 0, 0, 0, err
	case !hasLast && count == 0:
		return 0, 0, 0, fmt.Errorf("it doesn't say how many tasks there are: %s, or give --shard I/N", a.ask)
	case !hasLast:
		return first, step, count, nil
	}
	end, err := env.number(a.last, 0)
	if err != nil {
		return 0, 0, 0, err
	}
	all := (end-first)/step + 1
	if count != 0 && count != all {
		return 0, 0, 0, fmt.Errorf("its array has gaps (%d tasks from %d to %s): %s, with tasks from %d on, "+
			"or give --shard I/N", count, first, last, a.ask, a.from)
	}
	return first, step, all, nil
}

// wrong says whose variables an error is about.
func (a array) wrong(err error) error { return fmt.Errorf("the shard from %s: %w", a.name, err) }

// environment looks up variables.
type environment func(name string) (value string, there bool)

// text is a variable's value, "" for none and for a variable without a name.
func (e environment) text(name string) string {
	if name == "" {
		return ""
	}
	value, _ := e(name)
	return strings.TrimSpace(value)
}

// number is a variable's value, or another where it isn't set.
func (e environment) number(name string, otherwise int) (int, error) {
	text := e.text(name)
	if text == "" {
		return otherwise, nil
	}
	const most = 1 << 24 // tasks, more than any scheduler has in an array
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%s is %q: it must be a whole number from 0 to %d", name, text, most)
	}
	return n, nil
}
