/* ring.pml: the ring's protocol, step by step, in every order in which its steps can fall.
 *
 * Modelled: ps_put(), ps_wake_loop(), ps_drain() and ps_wait() of ring.c. A step here is
 * one atomic operation there, or one half of a record's bytes. Sequentially consistent, as the atomics
 * in question are; that the weaker ones suffice is ThreadSanitizer's to show (harness.c).
 *
 * Shown for WRITERS handlers of PUTS signals each: no record is torn, taken twice or out of the order
 * of its claim; an emptied ring may start again at its first record; and when nothing moves any more,
 * nothing is left in the ring, so no wake-up was lost. The counters have COUNT values, few enough to
 * wrap on the way, where those of C have 2^32.
 *
 *     spin -a -DWRITERS=2 -DPUTS=2 -DROOM=2 -DSIGNAL=1 ring.pml && cc -O2 -o pan pan.c && ./pan */
#ifndef WRITERS
#define WRITERS 2
#define PUTS 2
#define ROOM 2
#define SIGNAL 1
#endif
#define SIZE 2  /* ps.mask + 1 */
#define LIMIT 2 /* ps.limit */
#define COUNT 4 /* values of head and of tail */

byte head, tail;      /* ps.head_tail, always read and written together */
bool ready[SIZE];     /* record->ready */
byte first_half[SIZE], second_half[SIZE]; /* the bytes: which claim filled them */
bool wake_pending, waiting;
bool byte_sent;       /* something to read on the pipe or socket */
bool loop_woken;      /* what wakes the event loop: that byte, or the runtime's own handler */

byte claims, taken, lost, done; /* for the proof alone */

inline wake() {
  if
  :: atomic { wake_pending -> skip }
  :: atomic { !wake_pending -> wake_pending = true };
#if SIGNAL
     loop_woken = true;
     if
     :: waiting -> byte_sent = true
     :: else
     fi
#else
     atomic { byte_sent = true; loop_woken = true }
#endif
  fi
}

proctype writer() {
  byte seen_head, seen_tail, claim, puts;
  do
  :: puts == PUTS -> break
  :: else ->
     puts++;
     atomic { seen_head = head; seen_tail = tail };
  again:
     if
     :: (seen_head + COUNT - seen_tail) % COUNT >= LIMIT -> lost++
     :: else ->
        atomic {
          if
          :: head == seen_head && tail == seen_tail ->
             head = (head + 1) % COUNT;
             claim = claims;
             claims++
          :: else ->
             seen_head = head; seen_tail = tail;
             goto again
          fi
        };
        assert(!ready[seen_head % SIZE]); /* nobody's: the reader has left it */
        first_half[seen_head % SIZE] = claim;
        second_half[seen_head % SIZE] = claim;
        ready[seen_head % SIZE] = true
     fi;
     wake()
  od;
  done++
}

/* ROOM records at a time, until there are none. */
inline drain() {
  do
  :: wake_pending = false;
     atomic { end_head = head; at = tail };
     count = 0;
     do
     :: count == ROOM -> break
     :: else ->
        if
        :: at == end_head -> end_head = head /* the tail is the reader's alone */
        :: else
        fi;
        if
        :: at == end_head -> break
        :: else
        fi;
        if
        :: !ready[at % SIZE] -> break
        :: else
        fi;
        first = first_half[at % SIZE];
        assert(first == taken);
        assert(second_half[at % SIZE] == taken);
        ready[at % SIZE] = false;
        at = (at + 1) % COUNT;
        taken++;
        count++
     od;
     if
     :: count > 0 ->
        atomic { /* a compare-and-exchange that fails tries again with what it saw */
          if
          :: head == at -> head = 0; tail = 0
          :: else -> tail = at
          fi
        }
     :: else
     fi;
     if
     :: count == 0 -> break
     :: else
     fi
  od
}

proctype reader() {
  byte end_head, at, count, first;
  do /* it settles on one way: from the event loop only a wake-up brings it back */
  :: true ->
     atomic { loop_woken -> loop_woken = false; byte_sent = (SIGNAL -> byte_sent : false) };
     drain()
  :: true -> /* blocked in ps_wait() */
     waiting = true;
     do
     :: /* The byte is eaten before the flag is cleared. The other way round, a handler whose record is
         * out already may set the flag and send its byte between the two: then the flag is set, no byte
         * is there, and nobody wakes the reader for the next record. -DCLEAR_FIRST shows it. */
#ifdef CLEAR_FIRST
        wake_pending = false;
        atomic { byte_sent = false; loop_woken = (SIGNAL -> loop_woken : false) };
#else
        atomic { byte_sent = false; loop_woken = (SIGNAL -> loop_woken : false) };
        wake_pending = false;
#endif
        if
        :: head != tail -> break
        :: else
        fi;
        byte_sent
     od;
     waiting = false;
     drain()
  od
}

init {
  byte i;
  atomic {
    run reader();
    i = 0;
    do
    :: i < WRITERS -> run writer(); i++
    :: else -> break
    od
  };
  timeout;
  assert(done == WRITERS);
  assert(taken + lost == WRITERS * PUTS);
  assert(taken == claims);
  assert(head == tail)
}
