// The calls by which this process changes files, one a line in their order: what a power cut may take away depends on
// it.
#ifndef LOCKSTEP_FILE_CALLS_H
#define LOCKSTEP_FILE_CALLS_H

// Whether they can be recorded here.
int lk_can_record_file_calls(void);

// Begins to record what is done to `folder` and in it; one recording at a time.
void lk_record_file_calls(const char *folder);

// Adds a line of the caller's, if a recording goes on.
void lk_note_file_call(const char *line);

// Ends the recording. Returns the number of its lines, or -1 where they were too many or too long to be kept.
long lk_end_file_calls(void);

// Line `index`, paths relative to the folder, which is "." itself:
//   write PATH | shorten PATH | fsync PATH | rename PATH PATH | remove PATH
// An fsync stands where it ended, everything else where it began.
const char *lk_file_call(long index);

#endif
