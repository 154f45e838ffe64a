import numpy as np

from audit.speech.echo import mark_echoes
from audit.speech.sound import SAMPLE_RATE
from tests.speech.sounds import noise
from tests.speech.test_channels import segment


def test_a_faint_copy_of_the_other_channel_is_an_echo() -> None:
    voice = noise(4, 0.3)
    leak = 0.05 * voice
    own, other = mark_echoes([voice, leak], [[segment("你再不还钱试试", 1, 3)], [segment("你再不还钱是是", 1.1, 3)]])
    assert own[0].doubts == ()
    assert other[0].doubts == ("echo",)


def test_other_words_at_the_same_time_are_no_echo() -> None:
    loud, quiet = noise(4, 0.3), noise(4, 0.01, seed=2)
    _, other = mark_echoes([loud, quiet], [[segment("你再不还钱试试", 1, 3)], [segment("我真的没有办法", 1.1, 3)]])
    assert other[0].doubts == ()


def test_the_same_words_at_another_time_or_as_loud_are_no_echo() -> None:
    loud, quiet = noise(8, 0.3), np.concatenate([noise(4, 0.01), noise(4, 0.3)])
    assert len(loud) == len(quiet) == 8 * SAMPLE_RATE
    _, other = mark_echoes(
        [loud, quiet], [[segment("再见", 1, 2), segment("再见", 5, 6)], [segment("再见", 3, 4), segment("再见", 5, 6)]]
    )
    assert [s.doubts for s in other] == [(), ()]
