'use client';
// Short messages about what just happened; faults stay until they are closed.
import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { IconButton } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { cx } from './cx.ts';
import type { Fault } from './notice.tsx';
import styles from './toast.module.css';

interface Message {
  id: number;
  title: string;
  fault?: Fault;
}

type Say = (title: string, fault?: Fault) => void;

const SayContext = createContext<Say>(() => undefined);

/** `say('Run cancelled')`, or with the fault that kept it from happening. */
export function useToast(): Say {
  return useContext(SayContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const say = useCallback<Say>((title, fault) => {
    const message = { id: Date.now() + Math.random(), title, ...(fault ? { fault } : {}) };
    setMessages((all) => [...all.slice(-3), message]);
  }, []);
  const drop = (id: number) => setMessages((all) => all.filter((one) => one.id !== id));
  return (
    <SayContext value={say}>
      <Radix.Provider swipeDirection="right">
        {children}
        {messages.map((message) => (
          <Radix.Root
            key={message.id}
            className={cx(styles.toast, message.fault && styles.fault)}
            duration={message.fault ? Infinity : 4000}
            type={message.fault ? 'foreground' : 'background'}
            onOpenChange={(open) => !open && drop(message.id)}
          >
            <div className={styles.text}>
              <Radix.Title className={styles.title}>{message.title}</Radix.Title>
              {message.fault && (
                <Radix.Description className={styles.body}>
                  {message.fault.message}
                  {message.fault.fix === undefined ? '' : `: ${message.fault.fix}`}
                </Radix.Description>
              )}
            </div>
            {message.fault && (
              <CopyButton
                text={`${message.fault.code}: ${message.fault.message}`}
                what={`the error ${message.fault.code}`}
              />
            )}
            <Radix.Close asChild>
              <IconButton small label="Close">
                <X size={14} aria-hidden />
              </IconButton>
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className={styles.viewport} />
      </Radix.Provider>
    </SayContext>
  );
}
